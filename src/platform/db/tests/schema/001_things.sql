CREATE TABLE thing (id BIGINT PRIMARY KEY, name TEXT UNIQUE, weight DOUBLE PRECISION CHECK (weight >= 0));
CREATE INDEX thing_weight ON thing (weight);
