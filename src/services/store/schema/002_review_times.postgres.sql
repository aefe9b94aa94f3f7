-- Here they are of a type of their own, whatever wrote them.
SELECT 1;
