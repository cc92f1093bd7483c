import django.db.models.deletion
import kwiga.clock
import kwiga.tokens
import pghistory.utils
import pgtrigger.compiler
import pgtrigger.migrations
import schools.tenancy.constraints
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("schools", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Offer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("token", models.CharField(default=kwiga.tokens.address_token, editable=False, max_length=12)),
                ("title", models.CharField(max_length=160, verbose_name="Title")),
                ("description", models.TextField(blank=True, max_length=5000, verbose_name="Description")),
                ("price_minor", models.PositiveBigIntegerField(verbose_name="Price")),
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
                (
                    "status",
                    models.CharField(
                        choices=[("draft", "Draft"), ("published", "Published"), ("archived", "Archived")],
                        default="draft",
                        max_length=10,
                    ),
                ),
                ("created_at", models.DateTimeField(default=kwiga.clock.now, editable=False)),
                ("updated_at", models.DateTimeField(default=kwiga.clock.now, editable=False)),
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
            name="OfferEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("pgh_context", pghistory.utils.JSONField(null=True)),
                ("pgh_context_id", models.UUIDField(null=True)),
                ("id", models.BigIntegerField()),
                ("token", models.CharField(default=kwiga.tokens.address_token, editable=False, max_length=12)),
                ("title", models.CharField(max_length=160, verbose_name="Title")),
                ("description", models.TextField(blank=True, max_length=5000, verbose_name="Description")),
                ("price_minor", models.PositiveBigIntegerField(verbose_name="Price")),
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
                (
                    "status",
                    models.CharField(
                        choices=[("draft", "Draft"), ("published", "Published"), ("archived", "Archived")],
                        default="draft",
                        max_length=10,
                    ),
                ),
                ("created_at", models.DateTimeField(default=kwiga.clock.now, editable=False)),
                ("updated_at", models.DateTimeField(default=kwiga.clock.now, editable=False)),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="history",
                        to="offers.offer",
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
        migrations.AddIndex(
            model_name="offer",
            index=models.Index(fields=["school", "created_at", "id"], name="offers_offer_by_time"),
        ),
        migrations.AddConstraint(
            model_name="offer",
            constraint=schools.tenancy.constraints.TenantPolicy(name="offers_offer_tenant", version=1),
        ),
        migrations.AddConstraint(
            model_name="offer",
            constraint=models.UniqueConstraint(fields=("school", "id"), name="offers_offer_in_school"),
        ),
        migrations.AddConstraint(
            model_name="offer",
            constraint=models.UniqueConstraint(fields=("school", "token"), name="offers_offer_address"),
        ),
        migrations.AddConstraint(
            model_name="offer",
            constraint=models.CheckConstraint(
                condition=models.Q(("price_minor__lte", 10000000000000)), name="offers_offer_price_in_reach"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="offer",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "offers_offerevent" ("created_at", "currency", "description", "id", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "price_minor", "school_id", "status", "title", "token", "updated_at") VALUES (NEW."created_at", NEW."currency", NEW."description", NEW."id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'insert\', NEW."id", NEW."price_minor", NEW."school_id", NEW."status", NEW."title", NEW."token", NEW."updated_at"); RETURN NULL;',
                    hash="d919363faf5848bff824a112cb3c0dce731cc093",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_ba1dd",
                    table="offers_offer",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="offer",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "offers_offerevent" ("created_at", "currency", "description", "id", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "price_minor", "school_id", "status", "title", "token", "updated_at") VALUES (NEW."created_at", NEW."currency", NEW."description", NEW."id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'update\', NEW."id", NEW."price_minor", NEW."school_id", NEW."status", NEW."title", NEW."token", NEW."updated_at"); RETURN NULL;',
                    hash="4037a9521d9c938d34388dc6af2dd7f88181fbfa",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_3503b",
                    table="offers_offer",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="offer",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "offers_offerevent" ("created_at", "currency", "description", "id", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "price_minor", "school_id", "status", "title", "token", "updated_at") VALUES (OLD."created_at", OLD."currency", OLD."description", OLD."id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'delete\', OLD."id", OLD."price_minor", OLD."school_id", OLD."status", OLD."title", OLD."token", OLD."updated_at"); RETURN NULL;',
                    hash="aee11a086618fe258a8683f053a9f8a22413d4fe",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_6af50",
                    table="offers_offer",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="offerevent",
            index=models.Index(fields=["school", "pgh_obj"], name="offers_offerevent_object"),
        ),
        migrations.AddConstraint(
            model_name="offerevent",
            constraint=schools.tenancy.constraints.TenantPolicy(name="offers_offerevent_tenant", version=1),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="offerevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="60635602c3fe0e5d8a3fc4f93d1c418b02dca5f8",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_8ce7b",
                    table="offers_offerevent",
                    when="BEFORE",
                ),
            ),
        ),
    ]
