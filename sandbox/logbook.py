"""All that a process logs, at every level and by every logger: tests look for secrets in it."""

import logging

# The mailbox stands for somebody else's mail server, which knows addresses.
NOT_OURS = "mail.log"
USUAL = frozenset(vars(logging.makeLogRecord({})))


class Logbook(logging.Handler):
    """Takes everything down from when it is made until it is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []
        self._before = [(each, each.level, each.disabled) for each in _loggers()]
        for each in _loggers():
            each.setLevel(logging.DEBUG)
            each.disabled = False
            if each is logging.root or not each.propagate:
                each.addHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        if record.name != NOT_OURS:
            # Formatters for machines write the extras too.
            extras = {name: value for name, value in vars(record).items() if name not in USUAL}
            self.lines.append(f"{record.levelname} {record.name}: {self.format(record)} {extras}")

    def close(self) -> None:
        """Let all loggers be as they were."""
        for each, level, disabled in self._before:
            each.setLevel(level)
            each.disabled = disabled
            each.removeHandler(self)
        super().close()


_taken_down: list[Logbook] = []


def turn(*, on: bool) -> list[str]:
    """Begin this process's logbook, or end it; the lines of the one that was ended."""
    ended = [_taken_down.pop()] if _taken_down else []
    for each in ended:
        each.close()
    if on:
        _taken_down.append(Logbook())
    return [line for each in ended for line in each.lines]


def _loggers() -> list[logging.Logger]:
    known = logging.root.manager.loggerDict.values()
    return [logging.root, *(each for each in known if isinstance(each, logging.Logger))]
