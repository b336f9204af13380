"""Who does what, each with its share: staff, customers, banks, the post, workers and time.

A function looks whether its step is possible now, and says what would be done; None: nothing.
"""

import time as _wall  # noqa: F401
