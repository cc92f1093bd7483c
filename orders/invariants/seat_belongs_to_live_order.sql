-- A held seat belongs to an unpaid order, a confirmed one to a paid order, and a paid order has given none back (I9).
SELECT school_id, id, seat
FROM orders_order
WHERE (seat = 'held' AND state NOT IN ('pending', 'part_paid'))
    OR (seat = 'confirmed' AND state NOT IN ('paid', 'part_refunded', 'refunded'))
    OR (seat = 'released' AND state IN ('paid', 'part_refunded', 'refunded'));
