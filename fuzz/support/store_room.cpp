#include "fuzz/support/store_room.h"

#include "fuzz/support/connection.h"
#include "fuzz/support/premises.h"
#include "platform/cache/open.h"
#include "platform/jobs/jobs.h"
#include "platform/testing/seeded_random.h"
#include "services/store/authentication.h"
#include "services/store/http.h"
#include "services/store/order_confirmation.h"
#include "services/store/product_lists.h"
#include "services/store/tests/fakes.h"
#include "store/schema.h"

#include <utility>
#include <vector>

namespace souk::fuzz {
namespace {

// In an order in which nothing is missed.
constexpr db::Sql clearing[] = {
    "DELETE FROM order_items",    "DELETE FROM orders",   "DELETE FROM cart",
    "DELETE FROM reviews",        "DELETE FROM products", "DELETE FROM contact_messages",
    "DELETE FROM contact_recent", "DELETE FROM jobs",     "DELETE FROM users"};
constexpr db::Sql insert_owner = "INSERT INTO users VALUES (1, 'Owner', 'owner@shop.example')";
constexpr db::Sql insert_products = R"(
    INSERT INTO products (id, name, price, description, category, stock, image_url, owner_id)
    VALUES (1, 'lamp', 1200, 'gives light', 'home', 5, 'https://shop.example/lamp.png', 1),
           (2, 'gold', 2147483647, 'very dear', 'metal', 1000000, '', 1),
           (3, 'nothing', 0, 'is sold out', 'home', 0, '', 1))";
constexpr db::Sql count_all = R"(
    SELECT (SELECT count(*) FROM products), (SELECT count(*) FROM reviews),
           (SELECT count(*) FROM orders), (SELECT count(*) FROM contact_messages))";
// Users that cannot be found again, entries and stocks out of bounds, orders that are not their
// items, units of the first products that are neither in stock nor ordered, and orders and messages
// that nobody will be told of.
constexpr db::Sql count_broken = R"(
    SELECT (SELECT count(*) FROM users WHERE email = '' OR email <> lower(email)) +
           (SELECT count(*) FROM cart WHERE quantity NOT BETWEEN 1 AND 1000000) +
           (SELECT count(*) FROM products WHERE stock < 0) +
           (SELECT count(*) FROM orders WHERE NOT EXISTS
               (SELECT 1 FROM jobs WHERE kind = 'order.confirm' AND payload = orders.id || '')) +
           (SELECT count(*) FROM contact_messages WHERE NOT EXISTS
               (SELECT 1 FROM jobs WHERE kind = 'contact.forward' AND payload = key)) +
           (SELECT count(*) FROM orders WHERE (total_amount, item_count) IS NOT
               (SELECT sum(price * quantity), sum(quantity) FROM order_items
                WHERE order_id = orders.id)) +
           (SELECT sum(stock) <> 1000005 -
               (SELECT coalesce(sum(quantity), 0) FROM order_items WHERE product_id <= 3)
            FROM products WHERE id <= 3))";

// The tables, and tokens signed with a key pair of these premises.
struct Shelves : Premises {
    Shelves()
        : rows(db::open({
              .file = folder.path() / "store.db", .schema = "store"
    })),
          verifier(auth::local(folder.path(), clock)),
          markers{
              {"<ann>", token({"user_1", "ann@shop.example", "Ann"})},
              {"<bob>", token({"user_2", " Bob@Shop.example", ""})},
              {"<nobody>", token({"user_3", "", "Nobody"})},
              {"<long>", token({"user_4", std::string(90, 'a') + "@shop.example", "A"})},
              {"<late>", token({"user_1", "ann@shop.example", "Ann"}, core::from_ms(1'000'000))}} {
        wait(prepare(*rows));
    }

    static core::Task<> prepare(db::Database& rows) {
        co_await rows.migrate(store::migrations());
        co_await rows.migrate(jobs::migrations());
    }

    std::string token(const auth::Identity& who) const {
        return auth::mint(folder.path(), who, clock);
    }
    std::string token(const auth::Identity& who, core::Time at) const {
        return auth::mint(folder.path(), who, testing::FixedClock(at));
    }

    std::unique_ptr<db::Database> rows;
    std::unique_ptr<auth::Verifier> verifier;
    std::vector<Marker> markers;
};

Shelves& shelves() {
    static Shelves full;
    return full;
}

core::Task<> tidy(db::Database& rows) {
    std::vector<db::Statement> steps;
    for (const db::Sql& each : clearing) steps.push_back(db::statement(each));
    steps.push_back(db::statement(insert_owner));
    steps.push_back(db::statement(insert_products));
    co_await rows.write_all(std::move(steps));
}

core::Task<> count(db::Database& rows, Stored& stored) {
    const db::Rows all = co_await rows.read(count_all);
    const db::Rows broken = co_await rows.read(count_broken);
    stored.products = db::integer(all[0].at(0));
    stored.reviews = db::integer(all[0].at(1));
    stored.orders = db::integer(all[0].at(2));
    stored.messages = db::integer(all[0].at(3));
    stored.broken = db::integer(broken[0].at(0));
}

}  // namespace

class StoreRoom::Implementation {
public:
    Implementation() {
        on_.wait(tidy(*on_.rows));
        contacts_.set_key("a key");
        operations_.open();
    }
    Implementation(const Implementation&) = delete;
    Implementation& operator=(const Implementation&) = delete;

    std::string send(std::string_view bytes, std::size_t piece_bytes) {
        return converse({.context = on_.context, .lane = lane_, .mount = mount_}, bytes,
                        piece_bytes);
    }

    Stored stored() {
        Stored now;
        on_.wait(count(*on_.rows, now));
        return now;
    }

private:
    Shelves& on_ = shelves();
    testing::SeededRandom random_;
    metrics::Registry registry_;
    std::unique_ptr<cache::Cache> cache_ = cache::local(on_.clock);
    store::FakeMail mail_;
    store::Metrics counters_{registry_};
    store::Store store_{*on_.rows, on_.clock};
    store::ProductLists lists_{cache_.get(), store_, registry_};
    store::ListChanges list_changes_{store::ListChanges::Cache::own, lists_, *on_.rows, on_.clock,
                                     random_};
    store::ContactDesk contacts_{
        {*on_.rows, *cache_, on_.clock, random_, true}
    };
    store::OrderConfirmation confirmation_{store_, &mail_, on_.clock};
    store::Operations operations_{
        {store_, lists_, list_changes_, contacts_, counters_, confirmation_.job(), [] {}}
    };
    store::Wiring wiring_{operations_,
                          on_.clock,
                          random_,
                          [this](http::Request& request, http::Auth wanted) {
                              return store::authenticate(*on_.verifier, request, wanted);
                          },
                          [] { return std::int64_t{0}; },
                          [] {
                              store::HealthBody health;
                              health.status = "ok";
                              health.database.ok = health.cache.ok = true;
                              return health;
                          },
                          std::string(upload_key),
                          {"https://shop.example"},
                          true};
    core::Loops no_loops_;
    std::shared_ptr<http::Shared> shared_ = std::make_shared<http::Shared>(
        http::Server::Parts{no_loops_, on_.clock, random_, registry_}, http::ServerLimits());
    std::shared_ptr<http::Lane> lane_ = std::make_shared<http::Lane>(on_.context, shared_, random_);
    std::shared_ptr<const http::Mount> mount_ = std::make_shared<const http::Mount>(
        std::vector<http::Room>{store::api_room(wiring_)}, registry_, 1);
};

StoreRoom::StoreRoom() : implementation_(std::make_unique<Implementation>()) {}
StoreRoom::~StoreRoom() = default;

std::string StoreRoom::send(std::string_view bytes, std::size_t piece_bytes) {
    return implementation_->send(bytes, piece_bytes);
}

Stored StoreRoom::stored() { return implementation_->stored(); }

std::span<const Marker> StoreRoom::markers() { return shelves().markers; }

}  // namespace souk::fuzz
