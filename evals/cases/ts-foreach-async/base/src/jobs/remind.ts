import { mailer } from "../mail";
import type { User } from "../types";

export async function remind(users: User[]): Promise<number> {
  for (const user of users) {
    await mailer.send(user.email, "reminder");
  }
  return users.length;
}
