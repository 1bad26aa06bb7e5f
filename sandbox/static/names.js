// Names of people. Telegram joins first and last name with a space; Chinese names are written without.

const SPACE_BETWEEN_HAN = /(?<=\p{Script=Han}) (?=\p{Script=Han})/gu;

/** "王 建国" as it is read: "王建国". Other names stay as they are. */
export const spoken = (name) => name.replace(SPACE_BETWEEN_HAN, "");
