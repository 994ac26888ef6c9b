"""The kinds of values that messages are made of and databases must take: names, moments, counters."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Final

from pydantic import AwareDatetime, Field

from core.contract.slugs import SLUG

_DAY: Final = timedelta(days=1)

PrinterId = Annotated[str, Field(pattern=f"^{SLUG.pattern}$")]
"""Our name of a printer."""

SiteName = Annotated[str, Field(pattern=f"^{SLUG.pattern}$")]
"""A site, named as printers are."""

ServiceName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
"""A service or one of its instances, a topic level too."""

Moment = Annotated[
    AwareDatetime,
    Field(ge=datetime.min.replace(tzinfo=UTC) + _DAY, le=datetime.max.replace(tzinfo=UTC) - _DAY),
]
"""A time that exists in every time zone, so that it can be turned into UTC."""

Counters = Annotated[
    dict[
        Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")],
        Annotated[float, Field(allow_inf_nan=False)],
    ],
    Field(max_length=100),
]
"""What a heartbeat counts, by name."""
