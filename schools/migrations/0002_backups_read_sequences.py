from django.db import migrations

GRANTS = """
GRANT SELECT ON ALL SEQUENCES IN SCHEMA public TO shop_ops;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON SEQUENCES TO shop_ops;
"""
REVOKES = """
ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE ALL ON SEQUENCES FROM shop_ops;
REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM shop_ops;
"""


class Migration(migrations.Migration):
    """pg_dump reads where each sequence stands."""

    dependencies = [("schools", "0001_initial")]

    operations = [migrations.RunSQL(GRANTS, REVOKES)]
