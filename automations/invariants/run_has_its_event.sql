-- A run was started by an event that happened before it, and one that was not let in did nothing.
SELECT r.school_id, r.id
FROM automations_run r
LEFT JOIN schools_event e ON (e.school_id, e.id) = (r.school_id, r.event_id)
WHERE e.id IS NULL OR e.created_at > r.started_at
UNION ALL
SELECT r.school_id, r.id
FROM automations_run r
WHERE r.reason IN ('not_fitting', 'under_way', 'once', 'pause', 'max_runs', 'loop')
  AND (r.state = 'waiting' OR EXISTS (
      SELECT FROM automations_runstep s WHERE (s.school_id, s.run_id) = (r.school_id, r.id)));
