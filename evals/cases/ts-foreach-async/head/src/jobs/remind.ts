import { mailer } from "../mail";
import type { User } from "../types";

export async function remind(users: User[]): Promise<number> {
  users.forEach(async (user) => {
    await mailer.send(user.email, "reminder");
  });
  return users.length;
}
