"""Store's promises, one function each, checked at rest after a restart against the driver's own record."""

from __future__ import annotations

from collections import Counter, defaultdict

from support.eventually import eventually
from support.store import checkout_body

from .campaign import BrokenPromise
from .store_clients import PAGE, STOCK, Shopkeeper, StoreLedger

LIST = ["id", "name", "price", "description", "category", "stock", "image_url", "owner_id"]
MESSAGES = """
    SELECT email, delivery, (SELECT count(*) FROM jobs
        WHERE kind = 'contact.forward' AND payload = contact_messages.key AND state = 'waiting')
    FROM contact_messages"""
WAITING = "SELECT kind, payload FROM jobs WHERE schedule IS NULL"

USERS_WITHOUT_A_WRITE = """
    SELECT users.email FROM users
    WHERE NOT EXISTS (SELECT 1 FROM products WHERE owner_id = users.id)
      AND NOT EXISTS (SELECT 1 FROM reviews WHERE user_id = users.id)
      AND NOT EXISTS (SELECT 1 FROM cart WHERE user_id = users.id)
      AND NOT EXISTS (SELECT 1 FROM orders WHERE user_id = users.id)"""
EMPTY_ORDERS = "SELECT id FROM orders WHERE id NOT IN (SELECT order_id FROM order_items)"
TWICE_IN_A_CART = "SELECT user_id, product_id FROM cart GROUP BY user_id, product_id HAVING count(*) > 1"
WRONG_TOTALS = """
    SELECT orders.id FROM orders JOIN order_items ON order_items.order_id = orders.id
    GROUP BY orders.id, total_amount, item_count
    HAVING sum(price * quantity) <> total_amount OR sum(quantity) <> item_count"""
ITEMS = """
    SELECT product_id, quantity FROM order_items JOIN orders ON orders.id = order_id
    WHERE idempotency_key = ? ORDER BY product_id"""


class StoreAtRest:
    """All clients are gone, the process has restarted: now every promise made so far must be visible."""

    def __init__(self, shop, smtp, ledger: StoreLedger, clients: list[Shopkeeper], left_behind: set) -> None:
        self.shop = shop
        self.smtp = smtp
        self.rows = shop.souk.storage
        self.ledger = ledger
        self.clients = clients
        self.left_behind = left_behind

    def check(self) -> None:
        self.check_list()  # First: what was ready must not show a page from before the kill.
        eventually(lambda: self.shop.get("/health").status_code == 200, 20, "healthy again")
        # What the dead program had sent may commit until then, so that it is not yet known whether it happened.
        eventually(lambda: not self.left_behind & self.rows.connections(), 20, "the database has done with the dead")
        for client in self.clients:
            self.settle_cart(client)
            self.settle_order(client)
        self.check_answered("products", "SELECT name, id FROM products", self.ledger.products)
        self.check_answered("reviews", "SELECT title, id FROM reviews", self.ledger.reviews)
        self.check_answered("contacts", "SELECT email, id FROM contact_messages", self.ledger.contacts)
        self.check_messages()
        self.check_orders()
        self.check_stock()
        self.check_list()
        self.check_nothing_is_half_done()

    def broken(self, promise: str) -> None:
        raise BrokenPromise(promise)

    def settle_cart(self, client: Shopkeeper) -> None:
        """The cart is as answered, give or take the one change that was not."""
        found = self.shop.cart(client.who)
        possible = [client.cart]
        if client.cart_doubt is not None:
            product, by = client.cart_doubt
            quantity = client.cart.get(product, 0) + by
            rest = {key: value for key, value in client.cart.items() if key != product}
            possible.append(rest | ({product: quantity} if quantity > 0 else {}))
        if client.order_doubt is not None:
            possible.append({})
        if found not in possible:
            self.broken(f"{client.name}'s cart is {found}, possible are {possible}")
        if client.order_doubt is None:
            client.cart, client.cart_doubt = found, None

    def settle_order(self, client: Shopkeeper) -> None:
        """The same key again tells whether the order exists; it never makes a second one."""
        key = client.order_doubt
        if key is None:
            return
        exists = bool(self.rows.query("SELECT id FROM orders WHERE idempotency_key = ?", key))
        cart = self.shop.cart(client.who)
        if exists != (cart == {} and bool(client.order_asked[key])):
            state = "exists" if exists else "does not exist"
            self.broken(f"{client.name}: order {key} {state}, but the cart is {cart}")
        answer = self.shop.post("/api/checkout", checkout_body(), client.who, headers={"Idempotency-Key": key})
        if answer.status_code == 200:
            client.ordered(key, answer.json()["data"])
        elif exists:
            self.broken(f"order {key} exists, but its key is answered {answer.status_code} {answer.text}")
        else:
            self.ledger.doubtful["orders"].discard(key)
            client.order_doubt, client.cart = None, self.shop.cart(client.who)

    def check_answered(self, kind: str, sql: str, promised: dict[str, int]) -> None:
        """Nothing answered is lost, nothing unasked is there, nothing is there twice."""
        found = self.rows.query(sql)
        names = Counter(name for name, _ in found)
        twice = [name for name, count in names.items() if count > 1]
        if twice:
            self.broken(f"{kind}: {twice[0]} is there {names[twice[0]]} times")
        by_name = dict(found)
        for name, identity in promised.items():
            if by_name.get(name) != identity:
                self.broken(f"{kind}: {name} was answered as {identity} and is {by_name.get(name)}")
        strangers = set(by_name) - set(promised) - self.ledger.doubtful[kind]
        if strangers:
            self.broken(f"{kind}: nobody asked for {strangers.pop()}")

    def check_orders(self) -> None:
        asked = {key: cart for client in self.clients for key, cart in client.order_asked.items()}
        for key, order in self.ledger.orders.items():
            items = self.rows.query(ITEMS, key)
            if dict(items) != asked[key] or len(items) != len(asked[key]):
                self.broken(f"order {key} of {asked[key]} has the items {items}")
            if order["item_count"] != sum(asked[key].values()):
                self.broken(f"order {key} of {asked[key]} was answered {order}")
        rows = {key for key, in self.rows.query("SELECT idempotency_key FROM orders")}
        if rows != set(self.ledger.orders):
            self.broken(f"orders nobody was answered: {rows ^ set(self.ledger.orders)}")

    def check_stock(self) -> None:
        sold = dict(self.rows.query("SELECT product_id, sum(quantity) FROM order_items GROUP BY product_id"))
        for identity, stock in self.rows.query("SELECT id, stock FROM products"):
            if stock != STOCK - sold.get(identity, 0) or stock < 0:
                self.broken(f"product {identity} has {stock} left of {STOCK}, sold {sold.get(identity, 0)}")

    def check_list(self) -> None:
        """All pages together are the rows, twice: as they come, and as the cache has kept them."""
        for when in ("first", "kept"):
            shown, rows = self.list_and_rows()
            if shown != rows:
                wrong = [pair for pair in zip(shown, rows) if pair[0] != pair[1]][:1]
                self.broken(f"the {when} list has {len(shown)} products of {len(rows)}; differing: {wrong}")

    def list_and_rows(self) -> tuple[list, list]:
        """Of one moment: a libSQL server may still carry out what the killed program had sent it."""
        while True:
            rows = self.product_rows()
            pages = range(1, len(rows) // PAGE + 2)
            shown = [product for page in pages for product in self.shop.products(page=page, limit=PAGE)]
            if rows == self.product_rows():
                return shown, rows

    def product_rows(self) -> list:
        return [dict(zip(LIST, row, strict=True))
                for row in self.rows.query(f"SELECT {', '.join(LIST)} FROM products ORDER BY id")]

    def check_messages(self) -> None:
        """Each message has left by mail, or waits together with the job that will mail it."""
        rows = {email: found for email, *found in self.rows.query(MESSAGES)}
        mailed = set(self.mails())  # Asked after the rows, which say `sent` only when a mail has been taken.
        for email in self.ledger.contacts:
            state, jobs = rows[email]
            if not (state == "sent" and email in mailed or state == "pending" and jobs == 1):
                self.broken(f"the message of {email} is {state}, jobs {jobs}, mailed {email in mailed}")

    def mails(self) -> dict[str, list]:
        """Who wrote, or is written to about an order, to the mails."""
        found = defaultdict(list)
        for mail in list(self.smtp.mails):
            message = mail.message
            found[message["reply-to"] or f"{message['to']} {message['subject']}"].append(message["message-id"])
        return found

    def check_all_mail_leaves(self) -> None:
        """In the end every message and every confirmation is mailed; what is mailed again has the same id."""
        self.rows.tamper("UPDATE jobs SET due_at_ms = 0, lease_owner = NULL"
                         " WHERE state = 'waiting' AND schedule IS NULL")
        self.shop.contacted(website="https://spam.example")  # Not stored, but makes the program look for jobs.
        eventually(lambda: not self.rows.query(WAITING), 60, "all jobs are done")
        mails = self.mails()
        wanted = set(self.ledger.contacts) | {
            f"{client.who.email} Your order {self.ledger.orders[key]['order_id']}"
            for client in self.clients for key in client.order_asked if key in self.ledger.orders}
        if wanted - set(mails):
            self.broken(f"never mailed: {sorted(wanted - set(mails))[:3]}")
        for about, ids in mails.items():
            if len(set(ids)) != 1:
                self.broken(f"mailed under several ids: {about} {ids}")

    def check_nothing_is_half_done(self) -> None:
        for what, sql in (("orders without items", EMPTY_ORDERS), ("entries twice in a cart", TWICE_IN_A_CART),
                          ("orders with wrong totals", WRONG_TOTALS)):
            found = self.rows.query(sql)
            if found:
                self.broken(f"{what}: {found[:5]}")
        # Whoever put something in the cart and took it out again has written, though nothing is left of it.
        have_written = {client.who.email for client in self.clients if client.has_written}
        halves = [email for email, in self.rows.query(USERS_WITHOUT_A_WRITE) if email not in have_written]
        if halves:
            self.broken(f"users without the write that made them: {halves}")
