// The version of the program, the same for all packages of Daybook. A test holds it against package.json: to read that file
// would cost every start.

export const version = "0.1.0"
