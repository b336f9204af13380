"""The ledger's rules that only the database itself can keep, whoever writes to it.

Written by hand, and so apart from what Django makes of the models.
"""

from django.db import migrations

# The attempt may only be forgotten: nothing else about a movement depends on it.
APPEND_ONLY = """
CREATE FUNCTION saleor_paylink_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    allowed saleor_paylink_ledgerentry := OLD;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        allowed.channel := NEW.channel;
        IF NEW.attempt_id IS NULL THEN
            allowed.attempt_id := NULL;
        END IF;
        IF allowed IS NOT DISTINCT FROM NEW THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'The ledger is append-only: book a correction instead.'
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER saleor_paylink_append_only
    BEFORE UPDATE OR DELETE ON saleor_paylink_ledgerentry
    FOR EACH ROW EXECUTE FUNCTION saleor_paylink_refuse_change();
"""

PENDING = """
CREATE FUNCTION saleor_paylink_note_pending() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO saleor_paylink_pendingentry (entry_id) SELECT id FROM booked;
    RETURN NULL;
END $$;
CREATE TRIGGER saleor_paylink_pending
    AFTER INSERT ON saleor_paylink_ledgerentry
    REFERENCING NEW TABLE AS booked
    FOR EACH STATEMENT EXECUTE FUNCTION saleor_paylink_note_pending();
"""

# Days that were summed up under another channel's name are to be summed up anew.
RENAMED = """
CREATE FUNCTION saleor_paylink_void_sums() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM before JOIN after USING (id) WHERE before.channel <> after.channel
    ) THEN
        UPDATE saleor_paylink_sumszone SET name = '';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER saleor_paylink_renamed
    AFTER UPDATE ON saleor_paylink_ledgerentry
    REFERENCING OLD TABLE AS before NEW TABLE AS after
    FOR EACH STATEMENT EXECUTE FUNCTION saleor_paylink_void_sums();
"""

UNDO = """
DROP TRIGGER saleor_paylink_renamed ON saleor_paylink_ledgerentry;
DROP TRIGGER saleor_paylink_pending ON saleor_paylink_ledgerentry;
DROP TRIGGER saleor_paylink_append_only ON saleor_paylink_ledgerentry;
DROP FUNCTION saleor_paylink_void_sums();
DROP FUNCTION saleor_paylink_note_pending();
DROP FUNCTION saleor_paylink_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("saleor_paylink", "0001_initial")]

    operations = [migrations.RunSQL(APPEND_ONLY + PENDING + RENAMED, UNDO)]
