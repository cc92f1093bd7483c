-- A run under way is of an automation that is on and for a contact who was not erased; any other is about to be stopped
-- by a row of the outbox.
SELECT r.school_id, r.id
FROM automations_run r
JOIN automations_automation a ON (a.school_id, a.id) = (r.school_id, r.automation_id)
JOIN contacts_contact c ON (c.school_id, c.id) = (r.school_id, r.contact_id)
WHERE r.state = 'waiting'
  AND (a.state <> 'on' OR c.erased_at IS NOT NULL)
  -- It was just begun, and looks before its first step.
  AND NOT EXISTS (
      SELECT FROM schools_outbox o
      WHERE o.school_id = r.school_id AND o.kind = 'automation.run' AND o.done_at IS NULL AND o.dead_at IS NULL
        AND r.due_at IS NULL AND (o.payload ->> 'run')::bigint = r.id)
  -- One of very many that are stopped piece by piece.
  AND NOT EXISTS (
      SELECT FROM schools_outbox o
      WHERE o.school_id = r.school_id AND o.kind = 'automation.stop' AND o.done_at IS NULL AND o.dead_at IS NULL
        AND a.state <> 'on' AND (o.payload ->> 'automation')::bigint = a.id);
