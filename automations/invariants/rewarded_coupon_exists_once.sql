-- A coupon step that is done made one coupon, which no other step made, for the contact of its run or for everybody;
-- the journal tells once that it was given. Coupons that were deleted since are nobody's.
SELECT s.school_id, s.id
FROM automations_runstep s
JOIN automations_run r ON (r.school_id, r.id) = (s.school_id, s.run_id)
JOIN coupons_coupon c ON (c.school_id, c.id) = (s.school_id, s.coupon_id)
WHERE s.kind <> 'coupon'
   OR s.state <> 'done'
   OR (c.contact_id IS NOT NULL AND c.contact_id <> r.contact_id)
   OR (SELECT count(*) FROM schools_event e
       WHERE e.school_id = s.school_id AND e.kind = 'coupon.rewarded' AND e.subject_kind = 'coupon'
         AND e.subject_id = s.coupon_id) <> 1
UNION ALL
SELECT s.school_id, min(s.id)
FROM automations_runstep s
WHERE s.coupon_id IS NOT NULL
GROUP BY s.school_id, s.coupon_id
HAVING count(*) > 1
UNION ALL
SELECT s.school_id, s.id
FROM automations_runstep s
WHERE s.kind = 'coupon' AND s.state = 'done' AND s.coupon_id IS NULL
  AND EXISTS (SELECT FROM coupons_coupon c WHERE c.school_id = s.school_id AND c.id = (s.data ->> 'coupon')::bigint);
