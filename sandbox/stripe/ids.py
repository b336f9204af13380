"""Names for new objects."""

import random
import string

ALPHABET = string.ascii_letters + string.digits


class Ids:
    """Stripe-like ids, not to be guessed; the same ones again under the same `seed`."""

    def __init__(self, seed: int | None = None) -> None:
        self._random = random.SystemRandom() if seed is None else random.Random(seed)

    def new(self, prefix: str, length: int = 24) -> str:
        """`prefix`, an underscore and `length` letters and digits."""
        return f"{prefix}_{''.join(self._random.choices(ALPHABET, k=length))}"
