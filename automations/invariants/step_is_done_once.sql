-- Steps of a run are done one after the other, each once: those before the run's position are done, and of a run that
-- is over none waits.
SELECT s.school_id, s.run_id, s.position
FROM automations_runstep s
JOIN automations_run r ON (r.school_id, r.id) = (s.school_id, s.run_id)
WHERE (s.position < r.position AND s.state <> 'done')
   OR s.position > r.position
   OR (s.state = 'waiting' AND r.state <> 'waiting')
   OR (s.position >= r.position AND s.state = 'done' AND r.state = 'waiting')
UNION ALL
-- None was left out.
SELECT r.school_id, r.id, r.position
FROM automations_run r
LEFT JOIN automations_runstep s ON (s.school_id, s.run_id) = (r.school_id, r.id) AND s.position < r.position
GROUP BY r.school_id, r.id, r.position
HAVING count(s.id) < r.position;
