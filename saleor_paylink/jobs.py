"""Work to be done by a Celery worker once the present transaction has been committed.

Tasks are named here and defined in `saleor_paylink.tasks`, which imports the domain; the
domain can so ask for a task without importing it back.
"""

from celery import current_app
from django.db import transaction

PROCESS_EVENT = "saleor_paylink.process_event"
POST_TO_SHOP = "saleor_paylink.post_to_shop"
CLOSE_SESSIONS = "saleor_paylink.close_sessions"
MAKE_REFUND = "saleor_paylink.make_refund"
TELL = "saleor_paylink.tell"
DELIVER_MAIL = "saleor_paylink.deliver_mail"
TAKE_IN = "saleor_paylink.take_in"
SWEEP = "saleor_paylink.sweep"


def later(task: str, *args: object) -> None:
    """Queue `task` after commit. Arguments are JSON values: ids, never objects.

    The row that the task works on is committed by then, so a broker that refuses the
    message loses nothing: the sweeper finds the row.
    """
    transaction.on_commit(lambda: current_app.tasks[task].delay(*args), robust=True)
