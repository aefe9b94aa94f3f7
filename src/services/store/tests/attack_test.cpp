// Two clients at once, statement by statement in every order there is: what one does must not be
// lost, doubled or half seen by the other. Named after what would go wrong.
#include "services/store/tests/room.h"
#include "services/store/tests/scheduled_database.h"

#include <algorithm>
#include <array>
#include <future>
#include <vector>

namespace souk::store {
namespace {

const std::string order_body =
    R"({"name":"Bob","address":"Street 1","phone":"123","payment_method":"card"})";

// SQLite and libSQL have one writer at a time: a batch is one step there, and a transaction keeps
// others out until it ends.
bool has_many_writers(const db::Place& place) { return place.address.starts_with("postgres"); }

// The room with a database that goes step by step.
class Stage {
public:
    explicit Stage(db::Place place)
        : Stage(std::make_unique<ScheduledDatabase>(db::open(place), has_many_writers(place))) {}

    using Call = TestClient::Call;
    static Call post(const std::string& path, const std::string& body,
                     const std::string& who = "bob@shop.example") {
        return {.verb = http::Verb::post, .target = path, .body = body, .headers = Room::as(who)};
    }
    static Call add(int product, int quantity, const std::string& who = "bob@shop.example") {
        return post("/api/cart", Room::cart_body(product, quantity), who);
    }

    // All orders of two batches of three statements and a commit.
    std::vector<std::vector<int>> orders() const;
    // The first is a checkout, the second has so many steps; both stop at each place of the other.
    std::vector<std::vector<int>> stops(int second) const;

    // Both calls at once; `order` says whose statement comes next, and what is left then goes on by
    // itself.
    std::array<Answer, 2> play(const std::array<Call, 2>& calls, const std::vector<int>& order) {
        database_->hold({&room.loop.loop().context()});
        std::array<std::future<Answer>, 2> answers;
        std::array<const void*, 2> loops{};
        for (std::size_t i = 0; i < 2; ++i) {
            answers[i] = std::async(std::launch::async,
                                    [this, i, call = calls[i]] { return clients_[i].send(call); });
            loops[i] = database_->wait_for_client();
        }
        for (const int who : order) database_->step(loops[static_cast<std::size_t>(who)]);
        database_->release();
        return {answers[0].get(), answers[1].get()};
    }

private:
    explicit Stage(std::unique_ptr<ScheduledDatabase> database)
        : database_(database.get()),
          many_writers_(database->splits_batches()),
          room(std::move(database), Room::Options()) {}

    ScheduledDatabase* const database_;
    const bool many_writers_;

public:
    Room room;

private:
    std::array<TestClient, 2> clients_{TestClient(room.service.api()),
                                       TestClient(room.service.api())};
};

std::vector<std::vector<int>> Stage::orders() const {
    const std::size_t steps = many_writers_ ? 4 : 1;
    std::vector<int> order(steps, 0);
    order.insert(order.end(), steps, 1);
    std::vector<std::vector<int>> all;
    do {
        all.push_back(order);
    } while (std::next_permutation(order.begin(), order.end()));
    return all;
}

std::vector<std::vector<int>> Stage::stops(int second) const {
    const int first = many_writers_ ? 7 : 2;
    std::vector<std::vector<int>> all;
    for (int at = 0; at <= first; ++at) {
        for (int length = 1; length <= (many_writers_ ? second : 2); ++length) {
            std::vector<int> order(static_cast<std::size_t>(at), 0);
            order.insert(order.end(), static_cast<std::size_t>(length), 1);
            order.insert(order.end(), static_cast<std::size_t>(first - at), 0);
            all.push_back(std::move(order));
        }
    }
    return all;
}

std::string text_of(const std::vector<int>& order) {
    std::string text;
    for (const int who : order) text += who == 0 ? 'a' : 'b';
    return text;
}

constexpr db::Sql empty_cart = "DELETE FROM cart";
constexpr db::Sql count_entries = "SELECT count(*) FROM cart";
constexpr db::Sql sum_of_cart = "SELECT coalesce(sum(quantity), 0) FROM cart";

// Three statements and the commit, each.
TEST_P(StoreRoomTest, attack_two_adds_lose_nothing_and_double_nothing) {
    Stage stage(place());
    stage.room.product("a");
    int number = 0;
    for (const std::vector<int>& order : stage.orders()) {
        const std::string who = "new" + std::to_string(++number) + "@shop.example";
        const auto answers = stage.play({Stage::add(1, 2, who), Stage::add(1, 3, who)}, order);
        for (const Answer& answer : answers) EXPECT_EQ(answer.status, 200) << text_of(order);
        EXPECT_EQ(stage.room.count(count_entries), 1) << text_of(order);
        EXPECT_EQ(stage.room.count(sum_of_cart), 5) << text_of(order);
        stage.room.loop.wait(stage.room.database.write(empty_cart));
    }
    EXPECT_EQ(stage.room.count("SELECT count(*) FROM users"), number + 1);
}

TEST_P(StoreRoomTest, attack_two_who_take_out_never_leave_less_than_nothing) {
    Stage stage(place());
    stage.room.product("a");
    for (const std::vector<int>& order : stage.orders()) {
        stage.room.add(1, 5);
        const auto answers = stage.play({Stage::add(1, -3), Stage::add(1, -3)}, order);
        for (const Answer& answer : answers) EXPECT_EQ(answer.status, 200) << text_of(order);
        EXPECT_EQ(stage.room.count(count_entries), 0) << text_of(order);
    }
}

TEST_P(StoreRoomTest, attack_adding_while_the_entry_is_taken_out_ends_as_one_after_the_other) {
    Stage stage(place());
    stage.room.product("a");
    for (const std::vector<int>& order : stage.orders()) {
        stage.room.add(1, 2);
        const auto answers = stage.play({Stage::add(1, -2), Stage::add(1, 1)}, order);
        for (const Answer& answer : answers) EXPECT_EQ(answer.status, 200) << text_of(order);
        EXPECT_EQ(stage.room.count(count_entries), 1) << text_of(order);
        EXPECT_EQ(stage.room.count(sum_of_cart), 1) << text_of(order);
        stage.room.loop.wait(stage.room.database.write(empty_cart));
    }
}

TEST_P(StoreRoomTest, attack_the_limit_of_an_entry_cannot_be_passed_by_two) {
    Stage stage(place());
    stage.room.product("a");
    for (const std::vector<int>& order : stage.orders()) {
        stage.room.add(1, 999'999);
        const auto answers = stage.play({Stage::add(1, 1), Stage::add(1, 1)}, order);
        EXPECT_EQ(answers[0].status + answers[1].status, 600) << text_of(order);
        EXPECT_EQ(stage.room.count(sum_of_cart), 1'000'000) << text_of(order);
        stage.room.loop.wait(stage.room.database.write(empty_cart));
    }
}

TEST_P(StoreRoomTest, attack_the_last_unit_is_sold_once) {
    Stage stage(place());
    stage.room.product("a", 1);
    for (const std::vector<int>& order : stage.stops(7)) {
        stage.room.loop.wait(stage.room.database.write(empty_cart));
        stage.room.loop.wait(stage.room.database.write("UPDATE products SET stock = 1"));
        stage.room.add(1, 1, "bob@shop.example");
        stage.room.add(1, 1, "eve@shop.example");
        const auto answers =
            stage.play({Stage::post("/api/checkout", order_body, "bob@shop.example"),
                        Stage::post("/api/checkout", order_body, "eve@shop.example")},
                       order);
        EXPECT_EQ(answers[0].status + answers[1].status, 600)
            << text_of(order) << answers[0].body << answers[1].body;
        EXPECT_EQ(stage.room.count("SELECT stock FROM products"), 0) << text_of(order);
        EXPECT_EQ(stage.room.count(count_entries), 1) << text_of(order);
    }
}

TEST_P(StoreRoomTest, attack_what_is_added_during_a_checkout_is_ordered_or_stays) {
    Stage stage(place());
    stage.room.product("a", 1'000);
    for (const std::vector<int>& order : stage.stops(4)) {
        stage.room.add(1, 2);
        const std::int64_t before = stage.room.count("SELECT stock FROM products");
        const auto answers =
            stage.play({Stage::post("/api/checkout", order_body), Stage::add(1, 1)}, order);
        for (const Answer& answer : answers)
            EXPECT_EQ(answer.status, 200) << text_of(order) << answer.body;
        const std::int64_t sold = before - stage.room.count("SELECT stock FROM products");
        EXPECT_EQ(sold + stage.room.count(sum_of_cart), 3) << text_of(order);
        stage.room.loop.wait(stage.room.database.write(empty_cart));
    }
}

TEST_P(StoreRoomTest, attack_one_checkout_sent_twice_is_one_order) {
    Stage stage(place());
    stage.room.product("a", 1'000);
    int number = 0;
    for (const std::vector<int>& order : stage.stops(7)) {
        stage.room.add(1, 2);
        TestClient::Call call = Stage::post("/api/checkout", order_body);
        call.headers.emplace_back("idempotency-key", "key-" + std::to_string(++number));
        const auto answers = stage.play({call, call}, order);
        EXPECT_EQ(answers[0].body, answers[1].body) << text_of(order);
        EXPECT_EQ(answers[0].status, 200) << text_of(order) << answers[0].body;
        EXPECT_EQ(stage.room.count("SELECT count(*) FROM orders"), number) << text_of(order);
    }
}

}  // namespace
}  // namespace souk::store
