/** The readable id of the collection that every organization begins with, where connections go that name none. */
export const DEFAULT_COLLECTION = "default";
