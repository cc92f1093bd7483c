-- A run under way has a row of the outbox that carries it on (a dead one can be tried again by the team), due when the
-- run is; and an automation of the clock that is on is looked at again.
SELECT r.school_id, r.id, 'run'
FROM automations_run r
WHERE r.state = 'waiting'
  AND NOT EXISTS (
      SELECT FROM schools_outbox o
      WHERE o.school_id = r.school_id AND o.kind = 'automation.run' AND o.done_at IS NULL
        AND (o.payload ->> 'run')::bigint = r.id AND (o.payload ->> 'position')::int = r.position)
UNION ALL
SELECT a.school_id, a.id, 'automation'
FROM automations_automation a
JOIN automations_automationversion v ON (v.school_id, v.automation_id) = (a.school_id, a.id) AND v.is_live
WHERE a.state = 'on'
  AND v.trigger IN ('order.unpaid', 'access.ending', 'contact.inactive', 'coupon.ending', 'field.date')
  AND NOT EXISTS (
      SELECT FROM schools_outbox o
      WHERE o.school_id = a.school_id AND o.kind = 'automation.sweep' AND o.done_at IS NULL
        AND (o.payload ->> 'automation')::bigint = a.id);
