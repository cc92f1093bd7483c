-- An import adds up: a finished one has judged every line, one that was not started has made nothing, and one that is
-- under way has work in the outbox (I12).
SELECT i.school_id, i.id
FROM contacts_contactimport i
WHERE (i.finished_at IS NOT NULL AND i.started_at IS NULL)
    OR (i.finished_at IS NOT NULL AND EXISTS (
        SELECT FROM contacts_contactimportline l
        WHERE (l.school_id, l.contact_import_id) = (i.school_id, i.id) AND l.state = 'waiting'
    ))
    OR (i.started_at IS NULL AND EXISTS (
        SELECT FROM contacts_contactimportline l
        WHERE (l.school_id, l.contact_import_id) = (i.school_id, i.id) AND l.state NOT IN ('waiting', 'refused')
    ))
    OR (i.started_at IS NOT NULL AND i.finished_at IS NULL AND NOT EXISTS (
        SELECT FROM schools_outbox o
        WHERE o.school_id = i.school_id AND o.kind = 'contact_import' AND o.done_at IS NULL
            AND (o.payload ->> 'import')::bigint = i.id
    ));
