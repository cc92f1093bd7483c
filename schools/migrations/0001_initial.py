import django.db.models.deletion
import django.db.models.functions.text
import kwiga.clock
import pghistory.utils
import pgtrigger.compiler
import pgtrigger.migrations
import schools.tenancy.constraints
import timezone_field.fields
from django.conf import settings
from django.db import migrations, models


GRANTS = """
GRANT SELECT ON django_migrations TO shop_app, shop_ops;
GRANT USAGE ON SCHEMA public TO shop_app, shop_relay, shop_ops;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO shop_app;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO shop_app;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO shop_ops;
"""
REVOKES = """
ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE ALL ON TABLES FROM shop_app, shop_ops;
ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE ALL ON SEQUENCES FROM shop_app;
"""


class Migration(migrations.Migration):
    initial = True

    # The grants have to be in force before any other app makes its tables.
    run_before = [
        ("contenttypes", "0001_initial"),
        ("sessions", "0001_initial"),
        ("pghistory", "0001_initial"),
    ]

    dependencies = []

    operations = [
        migrations.RunSQL(GRANTS, REVOKES),
        migrations.CreateModel(
            name="Domain",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("host", models.CharField(max_length=253, unique=True, verbose_name="Host")),
                ("is_primary", models.BooleanField(default=False)),
                ("verified_at", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField(default=kwiga.clock.now, editable=False)),
            ],
        ),
        migrations.CreateModel(
            name="User",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                (
                    "email",
                    models.EmailField(
                        error_messages={"unique": "This email is taken."},
                        max_length=254,
                        unique=True,
                        verbose_name="Email",
                    ),
                ),
                ("name", models.CharField(blank=True, max_length=120, verbose_name="Name")),
                ("is_active", models.BooleanField(default=True)),
                ("created_at", models.DateTimeField(editable=False)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("email", django.db.models.functions.text.Lower("email"))),
                        name="user_email_lower",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Invitation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("email", models.EmailField(max_length=254, verbose_name="Email")),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("owner", "Owner"),
                            ("admin", "Admin"),
                            ("sales", "Sales"),
                            ("marketing", "Marketing"),
                            ("teacher", "Teacher"),
                            ("support", "Support"),
                            ("read_only", "Read-only"),
                        ],
                        max_length=10,
                        verbose_name="Role",
                    ),
                ),
                ("token_digest", models.CharField(editable=False, max_length=64)),
                ("created_at", models.DateTimeField(default=kwiga.clock.now, editable=False)),
                ("expires_at", models.DateTimeField(editable=False)),
                ("accepted_at", models.DateTimeField(editable=False, null=True)),
                ("revoked_at", models.DateTimeField(editable=False, null=True)),
                (
                    "invited_by",
                    models.ForeignKey(
                        db_index=False,
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="School",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "slug",
                    models.SlugField(
                        error_messages={"unique": "This address is taken."},
                        max_length=40,
                        unique=True,
                        verbose_name="Address",
                    ),
                ),
                ("name", models.CharField(max_length=120, verbose_name="Name")),
                (
                    "currency",
                    models.CharField(
                        choices=[
                            ("UAH", "UAH"),
                            ("PLN", "PLN"),
                            ("EUR", "EUR"),
                            ("USD", "USD"),
                            ("GBP", "GBP"),
                            ("CZK", "CZK"),
                            ("HUF", "HUF"),
                            ("RON", "RON"),
                            ("MDL", "MDL"),
                            ("GEL", "GEL"),
                            ("KZT", "KZT"),
                            ("CHF", "CHF"),
                            ("CAD", "CAD"),
                            ("JPY", "JPY"),
                            ("KWD", "KWD"),
                        ],
                        max_length=3,
                        verbose_name="Currency",
                    ),
                ),
                ("time_zone", timezone_field.fields.TimeZoneField(default="Europe/Kyiv", verbose_name="Time zone")),
                (
                    "language",
                    models.CharField(
                        choices=[("en", "English"), ("uk", "Ukrainian"), ("pl", "Polish")],
                        default="en",
                        max_length=5,
                        verbose_name="Language",
                    ),
                ),
                ("legal_name", models.CharField(blank=True, max_length=200, verbose_name="Legal name")),
                ("address", models.TextField(blank=True, max_length=500, verbose_name="Postal address")),
                ("contact_email", models.EmailField(blank=True, max_length=254, verbose_name="Email for students")),
                ("contact_phone", models.CharField(blank=True, max_length=40, verbose_name="Phone for students")),
                ("created_at", models.DateTimeField(default=kwiga.clock.now, editable=False)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("slug__regex", "^[a-z0-9](-?[a-z0-9])*$")), name="school_slug_shape"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("currency__regex", "^[A-Z]{3}$")), name="school_currency_shape"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Member",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("owner", "Owner"),
                            ("admin", "Admin"),
                            ("sales", "Sales"),
                            ("marketing", "Marketing"),
                            ("teacher", "Teacher"),
                            ("support", "Support"),
                            ("read_only", "Read-only"),
                        ],
                        max_length=10,
                        verbose_name="Role",
                    ),
                ),
                ("created_at", models.DateTimeField(default=kwiga.clock.now, editable=False)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="memberships",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "school",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="members",
                        to="schools.school",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="InvitationEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("pgh_context", pghistory.utils.JSONField(null=True)),
                ("pgh_context_id", models.UUIDField(null=True)),
                ("id", models.BigIntegerField()),
                ("email", models.EmailField(max_length=254, verbose_name="Email")),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("owner", "Owner"),
                            ("admin", "Admin"),
                            ("sales", "Sales"),
                            ("marketing", "Marketing"),
                            ("teacher", "Teacher"),
                            ("support", "Support"),
                            ("read_only", "Read-only"),
                        ],
                        max_length=10,
                        verbose_name="Role",
                    ),
                ),
                ("token_digest", models.CharField(editable=False, max_length=64)),
                ("created_at", models.DateTimeField(default=kwiga.clock.now, editable=False)),
                ("expires_at", models.DateTimeField(editable=False)),
                ("accepted_at", models.DateTimeField(editable=False, null=True)),
                ("revoked_at", models.DateTimeField(editable=False, null=True)),
                (
                    "invited_by",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        editable=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="history",
                        to="schools.invitation",
                    ),
                ),
                (
                    "school",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="schools.school",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.AddField(
            model_name="invitation",
            name="school",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="schools.school"
            ),
        ),
        migrations.CreateModel(
            name="Event",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=60)),
                ("subject_kind", models.CharField(blank=True, max_length=40)),
                ("subject_id", models.BigIntegerField(null=True)),
                ("data", models.JSONField(default=dict)),
                ("created_at", models.DateTimeField(default=kwiga.clock.now)),
                (
                    "actor",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "school",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="schools.school",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="DomainEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("pgh_context", pghistory.utils.JSONField(null=True)),
                ("pgh_context_id", models.UUIDField(null=True)),
                ("id", models.BigIntegerField()),
                ("host", models.CharField(max_length=253, verbose_name="Host")),
                ("is_primary", models.BooleanField(default=False)),
                ("verified_at", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField(default=kwiga.clock.now, editable=False)),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="history",
                        to="schools.domain",
                    ),
                ),
                (
                    "school",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="schools.school",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.AddField(
            model_name="domain",
            name="school",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="domains", to="schools.school"
            ),
        ),
        migrations.CreateModel(
            name="Secret",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=80)),
                ("ciphertext", models.TextField()),
                ("last_four", models.CharField(max_length=4)),
                ("updated_at", models.DateTimeField(default=kwiga.clock.now)),
                (
                    "school",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="schools.school",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="OutboxRow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=40)),
                ("dedupe_key", models.CharField(max_length=160)),
                ("payload", models.JSONField(default=dict)),
                ("available_at", models.DateTimeField(default=kwiga.clock.now)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("locked_until", models.DateTimeField(null=True)),
                ("done_at", models.DateTimeField(null=True)),
                ("dead_at", models.DateTimeField(null=True)),
                ("last_error", models.CharField(blank=True, max_length=300)),
                ("created_at", models.DateTimeField(default=kwiga.clock.now)),
                (
                    "school",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="schools.school",
                    ),
                ),
            ],
            options={
                "db_table": "schools_outbox",
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [
                    models.Index(
                        condition=models.Q(("dead_at", None), ("done_at", None)),
                        fields=["school", "available_at", "id"],
                        name="schools_outbox_due",
                    ),
                    models.Index(
                        condition=models.Q(("dead_at__isnull", False)),
                        fields=["school", "dead_at", "id"],
                        name="schools_outbox_dead",
                    ),
                ],
                "constraints": [
                    schools.tenancy.constraints.TenantPolicy(name="schools_outbox_tenant", relay=True, version=1),
                    models.UniqueConstraint(fields=("school", "id"), name="schools_outbox_in_school"),
                    models.UniqueConstraint(fields=("school", "kind", "dedupe_key"), name="schools_outbox_once"),
                    models.CheckConstraint(
                        condition=models.Q(("done_at", None), ("dead_at", None), _connector="OR"),
                        name="schools_outbox_one_end",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="MemberEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("pgh_context", pghistory.utils.JSONField(null=True)),
                ("pgh_context_id", models.UUIDField(null=True)),
                ("id", models.BigIntegerField()),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("owner", "Owner"),
                            ("admin", "Admin"),
                            ("sales", "Sales"),
                            ("marketing", "Marketing"),
                            ("teacher", "Teacher"),
                            ("support", "Support"),
                            ("read_only", "Read-only"),
                        ],
                        max_length=10,
                        verbose_name="Role",
                    ),
                ),
                ("created_at", models.DateTimeField(default=kwiga.clock.now, editable=False)),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="history",
                        to="schools.member",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "school",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="schools.school",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "indexes": [models.Index(fields=["school", "pgh_obj"], name="schools_memberevent_object")],
                "constraints": [schools.tenancy.constraints.TenantPolicy(name="schools_memberevent_tenant", version=1)],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="memberevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="3d7da23e9ffb6ac2fcfc438ee894ba7e14efca15",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_82f2f",
                    table="schools_memberevent",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="member",
            constraint=schools.tenancy.constraints.DirectoryPolicy(
                name="schools_member_directory", reads="own", version=1
            ),
        ),
        migrations.AddConstraint(
            model_name="member",
            constraint=models.UniqueConstraint(fields=("school", "id"), name="schools_member_in_school"),
        ),
        migrations.AddConstraint(
            model_name="member",
            constraint=models.UniqueConstraint(fields=("school", "user"), name="schools_member_once"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="member",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "schools_memberevent" ("created_at", "id", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "role", "school_id", "user_id") VALUES (NEW."created_at", NEW."id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'insert\', NEW."id", NEW."role", NEW."school_id", NEW."user_id"); RETURN NULL;',
                    hash="434c9b529e2372191f554921375a6eb26b65756e",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_404ad",
                    table="schools_member",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="member",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "schools_memberevent" ("created_at", "id", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "role", "school_id", "user_id") VALUES (NEW."created_at", NEW."id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'update\', NEW."id", NEW."role", NEW."school_id", NEW."user_id"); RETURN NULL;',
                    hash="0f19ef81f17202e694c1a9c8fc87108c7e26077a",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_3c149",
                    table="schools_member",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="member",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "schools_memberevent" ("created_at", "id", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "role", "school_id", "user_id") VALUES (OLD."created_at", OLD."id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'delete\', OLD."id", OLD."role", OLD."school_id", OLD."user_id"); RETURN NULL;',
                    hash="6e091a285f7d242f4f91752b6ddd23a4d2bb58df",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_88451",
                    table="schools_member",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="invitationevent",
            index=models.Index(fields=["school", "pgh_obj"], name="schools_invitationevent_object"),
        ),
        migrations.AddConstraint(
            model_name="invitationevent",
            constraint=schools.tenancy.constraints.TenantPolicy(name="schools_invitationevent_tenant", version=1),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="invitationevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="ebbbc7024a7ff7a4cb88011389f38fff08721cf2",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_a7582",
                    table="schools_invitationevent",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="invitation",
            constraint=schools.tenancy.constraints.TenantPolicy(name="schools_invitation_tenant", version=1),
        ),
        migrations.AddConstraint(
            model_name="invitation",
            constraint=models.UniqueConstraint(fields=("school", "id"), name="schools_invitation_in_school"),
        ),
        migrations.AddConstraint(
            model_name="invitation",
            constraint=models.UniqueConstraint(fields=("school", "token_digest"), name="schools_invitation_token"),
        ),
        migrations.AddConstraint(
            model_name="invitation",
            constraint=models.UniqueConstraint(
                condition=models.Q(("accepted_at", None), ("revoked_at", None)),
                fields=("school", "email"),
                name="schools_invitation_one_open",
                violation_error_message="An invitation to this email is already open.",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="invitation",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "schools_invitationevent" ("accepted_at", "created_at", "email", "expires_at", "id", "invited_by_id", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "revoked_at", "role", "school_id", "token_digest") VALUES (NEW."accepted_at", NEW."created_at", NEW."email", NEW."expires_at", NEW."id", NEW."invited_by_id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'insert\', NEW."id", NEW."revoked_at", NEW."role", NEW."school_id", NEW."token_digest"); RETURN NULL;',
                    hash="9e5cb36d6dd08c406aa72dffab99317e47d9e9ac",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_0a811",
                    table="schools_invitation",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="invitation",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "schools_invitationevent" ("accepted_at", "created_at", "email", "expires_at", "id", "invited_by_id", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "revoked_at", "role", "school_id", "token_digest") VALUES (NEW."accepted_at", NEW."created_at", NEW."email", NEW."expires_at", NEW."id", NEW."invited_by_id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'update\', NEW."id", NEW."revoked_at", NEW."role", NEW."school_id", NEW."token_digest"); RETURN NULL;',
                    hash="189bf1cced2e872290ced63a890812d6d0daaadc",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_6b364",
                    table="schools_invitation",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="invitation",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "schools_invitationevent" ("accepted_at", "created_at", "email", "expires_at", "id", "invited_by_id", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "revoked_at", "role", "school_id", "token_digest") VALUES (OLD."accepted_at", OLD."created_at", OLD."email", OLD."expires_at", OLD."id", OLD."invited_by_id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'delete\', OLD."id", OLD."revoked_at", OLD."role", OLD."school_id", OLD."token_digest"); RETURN NULL;',
                    hash="cb0c30b7fac54c97ad9e3d915fce4a8c29cfa0a0",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_0d11c",
                    table="schools_invitation",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="event",
            index=models.Index(fields=["school", "created_at", "id"], name="schools_event_by_time"),
        ),
        migrations.AddIndex(
            model_name="event",
            index=models.Index(
                fields=["school", "subject_kind", "subject_id", "created_at"], name="schools_event_by_subject"
            ),
        ),
        migrations.AddConstraint(
            model_name="event",
            constraint=schools.tenancy.constraints.TenantPolicy(name="schools_event_tenant", version=1),
        ),
        migrations.AddConstraint(
            model_name="event",
            constraint=models.UniqueConstraint(fields=("school", "id"), name="schools_event_in_school"),
        ),
        migrations.AddIndex(
            model_name="domainevent",
            index=models.Index(fields=["school", "pgh_obj"], name="schools_domainevent_object"),
        ),
        migrations.AddConstraint(
            model_name="domainevent",
            constraint=schools.tenancy.constraints.TenantPolicy(name="schools_domainevent_tenant", version=1),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="domainevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="478f736a5377661a22aa459e9662f898c0668686",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_a97a2",
                    table="schools_domainevent",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="domain",
            constraint=schools.tenancy.constraints.DirectoryPolicy(
                name="schools_domain_directory", reads="everyone", version=1
            ),
        ),
        migrations.AddConstraint(
            model_name="domain",
            constraint=models.UniqueConstraint(fields=("school", "id"), name="schools_domain_in_school"),
        ),
        migrations.AddConstraint(
            model_name="domain",
            constraint=models.UniqueConstraint(
                condition=models.Q(("is_primary", True)), fields=("school",), name="schools_domain_one_primary"
            ),
        ),
        migrations.AddConstraint(
            model_name="domain",
            constraint=models.CheckConstraint(
                condition=models.Q(("host__regex", "^[a-z0-9.:-]+[a-z0-9]$")), name="domain_host_shape"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="domain",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "schools_domainevent" ("created_at", "host", "id", "is_primary", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "school_id", "verified_at") VALUES (NEW."created_at", NEW."host", NEW."id", NEW."is_primary", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'insert\', NEW."id", NEW."school_id", NEW."verified_at"); RETURN NULL;',
                    hash="8795c16487371ae7c9fee5fee18da3801442db82",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_b5c71",
                    table="schools_domain",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="domain",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "schools_domainevent" ("created_at", "host", "id", "is_primary", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "school_id", "verified_at") VALUES (NEW."created_at", NEW."host", NEW."id", NEW."is_primary", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'update\', NEW."id", NEW."school_id", NEW."verified_at"); RETURN NULL;',
                    hash="cfcd065a9ef4efb86de4557beccbb524e504c3ca",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_9efea",
                    table="schools_domain",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="domain",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "schools_domainevent" ("created_at", "host", "id", "is_primary", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "school_id", "verified_at") VALUES (OLD."created_at", OLD."host", OLD."id", OLD."is_primary", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'delete\', OLD."id", OLD."school_id", OLD."verified_at"); RETURN NULL;',
                    hash="1dd58f1b00105bcf2f4ba53afac0d1e455f33ff0",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_7c6ba",
                    table="schools_domain",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="secret",
            constraint=schools.tenancy.constraints.TenantPolicy(name="schools_secret_tenant", version=1),
        ),
        migrations.AddConstraint(
            model_name="secret",
            constraint=models.UniqueConstraint(fields=("school", "id"), name="schools_secret_in_school"),
        ),
        migrations.AddConstraint(
            model_name="secret",
            constraint=models.UniqueConstraint(fields=("school", "name"), name="schools_secret_once"),
        ),
    ]
