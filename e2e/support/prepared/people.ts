/**
 * Who is in the prepared world. Nobody but the first has more than one role, and there is one admin, so that what a test
 * says of "the admins" is true of the copy too. Names are in the order in which they joined.
 */
export const preparedPeople: readonly { readonly name: string; readonly roles: readonly string[] }[] = [
  { name: "First Admin", roles: ["admin"] },
  ...["Dora", "Dina", "Dana", "Dirk"].map((name) => ({ name: `${name} Dispatcher`, roles: ["dispatcher"] })),
  ...["Rio", "Rita", "Remy", "Rosa", "Ron", "Ria", "Ray", "Rex"].map((name) => ({
    name: `${name} Responder`,
    roles: ["responder"],
  })),
];
