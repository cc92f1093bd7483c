-- The counter of seats taken equals the orders that hold or have one.
SELECT f.school_id, f.id
FROM offers_offer f
LEFT JOIN orders_order o ON (o.school_id, o.offer_id) = (f.school_id, f.id) AND o.seat IN ('held', 'confirmed')
GROUP BY f.school_id, f.id
HAVING f.seats_taken <> count(o.id);
