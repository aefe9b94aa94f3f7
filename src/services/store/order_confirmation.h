// The job that confirms an order by mail.
#pragma once

#include "platform/core/clock.h"
#include "platform/core/task.h"
#include "platform/jobs/jobs.h"
#include "platform/mail/mail.h"
#include "services/store/store.h"

#include <cstdint>

namespace souk::store {

class OrderConfirmation {
public:
    // `mail` may be null: then orders are not confirmed.
    OrderConfirmation(Store& store, mail::Sender* mail, const core::Clock& clock)
        : store_(store), mail_(mail), clock_(clock) {}

    // The statement that makes the job; empty when there is no mail.
    Store::Also job();

    // This object must outlive its runner.
    jobs::Kind kind();

private:
    core::Task<> confirm(jobs::Job job);

    Store& store_;
    mail::Sender* const mail_;
    const core::Clock& clock_;
};

// The same for every attempt of one job.
mail::Message confirmation_mail(const PlacedOrder& placed, std::int64_t job);

}  // namespace souk::store
