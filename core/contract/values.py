"""The kinds of values that messages are made of and databases must take: names, moments, counters."""

import re
from datetime import UTC, datetime, timedelta
from typing import Annotated, Final

from pydantic import AwareDatetime, Field

_DAY: Final = timedelta(days=1)

SLUG: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
"""What names printers and sites."""

PrinterId = Annotated[str, Field(pattern=f"^{SLUG.pattern}$")]
"""Our name of a printer: a slug, safe as an MQTT topic level, a file name and a part of a URL."""

SiteName = Annotated[str, Field(pattern=f"^{SLUG.pattern}$")]
"""A site, safe in the same way."""

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
