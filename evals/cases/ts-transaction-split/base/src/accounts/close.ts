import { prisma } from "../db";

export async function close(accountId: string): Promise<void> {
  await prisma.$transaction([
    prisma.session.deleteMany({ where: { accountId } }),
    prisma.account.update({ where: { id: accountId }, data: { closedAt: new Date() } }),
  ]);
}
