package shop;

import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

@Service
public class TransferService {
    private final AccountRepository accounts;

    public TransferService(AccountRepository accounts) {
        this.accounts = accounts;
    }

    public void transfer(long from, long to, long cents) {
        Account source = accounts.findForUpdate(Math.min(from, to) == from ? from : to);
        Account target = accounts.findForUpdate(Math.min(from, to) == from ? to : from);
        move(source, target, from, cents);
    }

    @Transactional
    private void move(Account first, Account second, long from, long cents) {
        Account source = first.id() == from ? first : second;
        Account target = first.id() == from ? second : first;
        source.withdraw(cents);
        target.deposit(cents);
        accounts.save(source);
        accounts.save(target);
    }
}
