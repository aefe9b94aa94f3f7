-- Reviews of the original service have times of another form; from here on they are stored as they are sent.
UPDATE reviews SET created_at = coalesce(strftime('%Y-%m-%dT%H:%M:%SZ', created_at), created_at),
                   updated_at = coalesce(strftime('%Y-%m-%dT%H:%M:%SZ', updated_at), updated_at)
    WHERE created_at NOT LIKE '____-__-__T__:__:__Z' OR updated_at NOT LIKE '____-__-__T__:__:__Z';
