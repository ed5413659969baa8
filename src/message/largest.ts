/** The largest body that can be sent. A row of one's own may hold a larger one; no text of it could be made on its way out of the database. */
export const LARGEST_BODY_BYTES = 104_857_600

/** The same as it is stored: encryption adds to it. */
export const LARGEST_STORED_BYTES = LARGEST_BODY_BYTES + 1024

/**
 * Of what a row holds besides, such as its headers, as it is stored: more than any that can be sent. Compressed it may be much
 * more, but far from what a text can hold.
 */
export const LARGEST_COLUMN_BYTES = 262_144
