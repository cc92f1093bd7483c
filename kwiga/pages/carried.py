"""What an address carries along from page to page: a code, the language, and where the visitor came from."""

from django.http import HttpRequest, QueryDict

NAMES = (
    "coupon",
    "lang",
    "external_id",
    "utm_source",
    "utm_medium",
    "utm_campaign",
    "utm_content",
    "utm_term",
)


def carried_query(request: HttpRequest) -> str:
    """These parameters of the request as "?…", empty when there are none."""
    kept = QueryDict(mutable=True)
    for name in NAMES:
        if value := request.GET.get(name, "").replace("\x00", ""):
            kept[name] = value[:200]
    return f"?{kept.urlencode()}" if kept else ""
