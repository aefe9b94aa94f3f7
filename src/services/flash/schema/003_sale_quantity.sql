-- What /init gave. Rows that are older than this column do not say.
ALTER TABLE products ADD COLUMN quantity INTEGER;
