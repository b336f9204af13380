"""What Stripe lets one charge. All amounts are integers in Stripe's minor units.

Rules: https://docs.stripe.com/currencies
"""

from decimal import Decimal

from sandbox.stripe.errors import StripeError

ZERO_DECIMAL = frozenset(
    [
        "bif",
        "clp",
        "djf",
        "gnf",
        "jpy",
        "kmf",
        "krw",
        "mga",
        "pyg",
        "rwf",
        "vnd",
        "vuv",
        "xaf",
        "xof",
        "xpf",
    ]
)
THREE_DECIMAL = frozenset(["bhd", "jod", "kwd", "omr", "tnd"])

# Two-decimal on the wire for compatibility, yet without a minor unit in life
# (https://docs.stripe.com/currencies#special-cases).
WHOLE_UNITS_ONLY = frozenset(["isk", "ugx"])

SUPPORTED = frozenset(
    [
        "aed",
        "afn",
        "all",
        "amd",
        "ang",
        "aoa",
        "ars",
        "aud",
        "awg",
        "azn",
        "bam",
        "bbd",
        "bdt",
        "bgn",
        "bhd",
        "bif",
        "bmd",
        "bnd",
        "bob",
        "brl",
        "bsd",
        "bwp",
        "byn",
        "bzd",
        "cad",
        "cdf",
        "chf",
        "clp",
        "cny",
        "cop",
        "crc",
        "cve",
        "czk",
        "djf",
        "dkk",
        "dop",
        "dzd",
        "egp",
        "etb",
        "eur",
        "fjd",
        "fkp",
        "gbp",
        "gel",
        "gip",
        "gmd",
        "gnf",
        "gtq",
        "gyd",
        "hkd",
        "hnl",
        "htg",
        "huf",
        "idr",
        "ils",
        "inr",
        "isk",
        "jmd",
        "jod",
        "jpy",
        "kes",
        "kgs",
        "khr",
        "kmf",
        "krw",
        "kwd",
        "kyd",
        "kzt",
        "lak",
        "lbp",
        "lkr",
        "lrd",
        "lsl",
        "mad",
        "mdl",
        "mga",
        "mkd",
        "mmk",
        "mnt",
        "mop",
        "mur",
        "mvr",
        "mwk",
        "mxn",
        "myr",
        "mzn",
        "nad",
        "ngn",
        "nio",
        "nok",
        "npr",
        "nzd",
        "omr",
        "pab",
        "pen",
        "pgk",
        "php",
        "pkr",
        "pln",
        "pyg",
        "qar",
        "ron",
        "rsd",
        "rub",
        "rwf",
        "sar",
        "sbd",
        "scr",
        "sek",
        "sgd",
        "shp",
        "sle",
        "sos",
        "srd",
        "std",
        "szl",
        "thb",
        "tjs",
        "tnd",
        "top",
        "try",
        "ttd",
        "twd",
        "tzs",
        "uah",
        "ugx",
        "usd",
        "uyu",
        "uzs",
        "vnd",
        "vuv",
        "wst",
        "xaf",
        "xcd",
        "xof",
        "xpf",
        "yer",
        "zar",
        "zmw",
    ]
)

MAXIMUM = 99_999_999

# https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts. The real minimum follows
# the settlement currency; here each currency settles in itself.
MINIMUM = {
    "aed": 200, "aud": 50, "brl": 50, "cad": 50, "chf": 50, "czk": 1500, "dkk": 250, "eur": 50,
    "gbp": 30, "hkd": 400, "huf": 17500, "inr": 50, "isk": 7000, "jpy": 50, "mxn": 1000,
    "nok": 300, "nzd": 50, "pln": 200, "ron": 200, "sek": 300, "sgd": 50, "ugx": 200_000, "usd": 50,
}  # fmt: skip
OTHER_MINIMUM = 50


def exponent(currency: str) -> int:
    """How many decimals a lower-case `currency` has at Stripe."""
    if currency in ZERO_DECIMAL:
        return 0
    return 3 if currency in THREE_DECIMAL else 2


def display(amount: int, currency: str) -> str:
    """`amount` for people, as in "12.50 EUR"."""
    return f"{Decimal(amount).scaleb(-exponent(currency))} {currency.upper()}"


def fee(amount: int) -> int:
    """What Stripe keeps of a charge here: 1.5 % and 25 minor units, half up."""
    return (amount * 15 + 500) // 1000 + 25


def check_currency(currency: str, param: str) -> None:
    """Refuse a currency that is unknown or not in lower case."""
    if currency not in SUPPORTED:
        raise StripeError(
            f"Invalid currency: {currency}. Stripe currently supports these currencies: "
            f"{', '.join(sorted(SUPPORTED))}",
            param=param,
        )


def check_precision(amount: int, currency: str, param: str) -> None:
    """Refuse an amount finer than its currency can be charged in."""
    if currency in WHOLE_UNITS_ONLY and amount % 100:
        raise StripeError(
            f"Currency {currency.upper()} has become effectively zero-decimal and charged amounts "
            "must be evenly divisible by 100",
            code="parameter_invalid_integer",
            param=param,
        )
    if currency in THREE_DECIMAL and amount % 10:
        raise StripeError(
            f"Invalid amount {amount}: the least-significant digit of a {currency.upper()} amount "
            "must be 0.",
            code="parameter_invalid_integer",
            param=param,
        )


def check_total(amount: int, currency: str) -> None:
    """Refuse a Checkout total that is too small or too large to be charged."""
    if amount < MINIMUM.get(currency, OTHER_MINIMUM):
        raise StripeError(
            "The Checkout Session's total amount must convert to at least 50 cents. "
            f"{display(amount, currency)} is less.",
            code="amount_too_small",
        )
    if amount > MAXIMUM:
        raise StripeError(
            "The Checkout Session's total amount must be no more than "
            f"{display(MAXIMUM, currency)}.",
            code="amount_too_large",
        )
