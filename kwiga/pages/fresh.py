"""Pages that show prices: never answered from a cache (K18)."""

from django.views.decorators.cache import cache_control

fresh = cache_control(private=True, no_cache=True, max_age=0)
