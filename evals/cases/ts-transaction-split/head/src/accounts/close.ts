import { prisma } from "../db";

export async function close(accountId: string): Promise<void> {
  await prisma.account.update({ where: { id: accountId }, data: { closedAt: new Date() } });
  await prisma.session.deleteMany({ where: { accountId } });
}
