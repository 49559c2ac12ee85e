"""Texts of one kind: addresses of mail and of the web, currencies."""

from typing import Annotated

from email_validator import EmailNotValidError, validate_email
from pydantic import AfterValidator, BeforeValidator, Field, HttpUrl, TypeAdapter

TEXT_MAX = 100_000
EMAIL_LENGTH = 254
URL_LENGTH = 2048
_HTTP_URL: TypeAdapter[HttpUrl] = TypeAdapter(HttpUrl)


def _normalized_email(text: str) -> str:
    try:
        address = validate_email(text.strip(), check_deliverability=False)
    except EmailNotValidError:
        # Its own words would repeat a part of what was sent.
        raise ValueError("not an e-mail address") from None
    return address.normalized.lower()


def _in_lower_case(value: object) -> object:
    return value.lower() if isinstance(value, str) else value


def _http_url(url: str) -> str:
    return str(_HTTP_URL.validate_python(url))


EmailAddress = Annotated[
    str,
    Field(max_length=EMAIL_LENGTH, json_schema_extra={"format": "email"}),
    AfterValidator(_normalized_email),
]
"""An address without a name, in the one way to write it: normalised, in lower case."""

HttpURL = Annotated[
    str,
    Field(max_length=URL_LENGTH, json_schema_extra={"format": "uri"}),
    AfterValidator(_http_url),
    Field(max_length=URL_LENGTH),
]
"""An address of the web, http or https, as Pydantic writes it."""

CurrencyCode = Annotated[str, Field(pattern="^[A-Z0-9]{1,10}$")]
"""An ISO 4217 code, or what exchanges call a coin: capitals and digits, like USD and USDT."""

ANY_CASE = BeforeValidator(_in_lower_case)
"""Lets words that are written in lower case be sent in any: `Annotated[Side, ANY_CASE]`."""
