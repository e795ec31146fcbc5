import CallDomain
import CallFlow
import EventDelivery
import Hummingbird
import Logging

/// `/subscriptions`: who is told of events.
struct SubscriptionController {
    let flow: CallFlow
    /// For development: events may go to this machine.
    let allowsLoopback: Bool

    func addRoutes(to group: RouterGroup<GatewayContext>) {
        group.post("subscriptions", use: create)
        group.get("subscriptions", use: list)
        group.get("subscriptions/{id}", use: lookUp)
        group.delete("subscriptions/{id}", use: delete)
        group.post("subscriptions/{id}/test", use: tryOut)
    }

    @Sendable private func create(_ request: Request, context: GatewayContext) async throws -> Response {
        var fields = FieldReader(try await request.jsonObject())
        let url = fields.deliveryURL("url", allowsLoopback: allowsLoopback, required: true)
        let types = fields.eventTypes("events")
        let secret = fields.webhookSecret("secret")
        try fields.finish()
        guard let url else { throw Problem.validation([.init("url", "is required")]) }
        let subscription: Subscription
        do throws(SubscribeFailure) {
            subscription = try await flow.subscribe(url, types, secret: (secret ?? WebhookSecret.random()).text)
        } catch {
            throw Problem(error)
        }
        context.logger.notice("a subscription was made", metadata: ["subscription.id": "\(subscription.id)"])
        var json = subscription.json
        // The only answer that has it.
        json["secret"] = .string(subscription.secret)
        var response = Response.json(.created, .object(json))
        response.headers[.location] = "/subscriptions/\(subscription.id)"
        return response
    }

    @Sendable private func list(_ request: Request, context: GatewayContext) async throws -> Response {
        var query = QueryReader(request)
        try query.finish()
        return .json(.ok, ["data": .array(flow.subscriptions.map { .object($0.json) }), "next_cursor": .null])
    }

    @Sendable private func lookUp(_ request: Request, context: GatewayContext) async throws -> Response {
        guard let subscription = flow.subscription(try subscriptionID(context)) else { throw Problem.noSubscription }
        return .json(.ok, .object(subscription.json))
    }

    @Sendable private func delete(_ request: Request, context: GatewayContext) async throws -> Response {
        let id = try subscriptionID(context)
        guard try await flow.unsubscribe(id) else { throw Problem.noSubscription }
        context.logger.notice("a subscription was ended", metadata: ["subscription.id": "\(id)"])
        return Response(status: .noContent, headers: [.cacheControl: "no-store"])
    }

    @Sendable private func tryOut(_ request: Request, context: GatewayContext) async throws -> Response {
        guard let delivery = try await flow.tryOut(try subscriptionID(context)) else { throw Problem.noSubscription }
        return .json(.accepted, .object(delivery.json(url: flow.delivery(delivery.id)?.url)))
    }

    private func subscriptionID(_ context: GatewayContext) throws -> SubscriptionID {
        guard let id = SubscriptionID(context.parameters.get("id") ?? "") else { throw Problem.noSubscription }
        return id
    }
}

/// `/deliveries`: what was sent, and what is still to be sent.
struct DeliveryController {
    let flow: CallFlow
    let cursors: CursorCodec

    func addRoutes(to group: RouterGroup<GatewayContext>) {
        group.get("deliveries", use: list)
        group.get("deliveries/{id}", use: lookUp)
        group.post("deliveries/{id}/retry", use: retry)
    }

    @Sendable private func list(_ request: Request, context: GatewayContext) async throws -> Response {
        var query = QueryReader(request)
        let limit = query.limit()
        var filter = DeliveryFilter()
        for text in query.words("status") {
            if let status = Delivery.Status(rawValue: text) {
                filter.statuses.insert(status)
            } else {
                let known = Delivery.Status.allCases.map(\.rawValue).joined(separator: ", ")
                query.fail("status", "must be one or more of \(known)")
            }
        }
        filter.callID = query.parsed("call_id", "must be the id of a call, call_…") { CallID($0) }
        filter.subscriptionID = query.parsed("subscription_id", "must be the id of a subscription, sub_…") {
            SubscriptionID($0)
        }
        let place = query.cursor(cursors, list: "deliveries").flatMap(Self.place)
        try query.finish()
        let page = flow.deliveryPage(matching: filter, limit: limit, before: place)
        return .json(
            .ok,
            [
                "data": .array(page.deliveries.map { .object($0.delivery.json(url: $0.url)) }),
                "next_cursor": .optional(page.next.map { cursors.seal("\($0.place) \($0.id)", list: "deliveries") }),
            ]
        )
    }

    private static func place(of text: String) -> (place: EventPlace, id: DeliveryID)? {
        let parts = text.split(separator: " ")
        guard parts.count == 2, let place = EventPlace(String(parts[0])), let id = DeliveryID(String(parts[1])) else {
            return nil
        }
        return (place, id)
    }

    @Sendable private func lookUp(_ request: Request, context: GatewayContext) async throws -> Response {
        let (delivery, url) = try known(context)
        return .json(.ok, .object(delivery.json(url: url)))
    }

    private func known(_ context: GatewayContext) throws -> (delivery: Delivery, url: String?) {
        guard let id = DeliveryID(context.parameters.get("id") ?? ""), let known = flow.delivery(id) else {
            throw Problem.noDelivery
        }
        return known
    }

    @Sendable private func retry(_ request: Request, context: GatewayContext) async throws -> Response {
        let known = try known(context)
        guard known.url != nil else { throw Problem.noReceiver }
        guard let delivery = try await flow.retry(known.delivery.id) else { throw Problem.noDelivery }
        return .json(.accepted, .object(delivery.json(url: known.url)))
    }
}

extension FieldReader {
    /// Where events are to be sent.
    mutating func deliveryURL(_ name: String, allowsLoopback: Bool, required: Bool = false) -> String? {
        guard let text = string(name, required: required, maximum: DeliveryURL.longest) else { return nil }
        do throws(DeliveryURL.Problem) {
            return try DeliveryURL(text, allowsLoopback: allowsLoopback).text
        } catch {
            fail(name, error.description)
            return nil
        }
    }

    fileprivate mutating func eventTypes(_ name: String) -> Set<CallNews> {
        guard let value = value(name) else { return [] }
        let words = value.arrayValue?.map(\.stringValue) ?? []
        let types = words.compactMap { $0.flatMap(CallNews.init(type:)) }
        if types.isEmpty || types.count != words.count {
            let known = CallNews.allCases.map(\.type).joined(separator: ", ")
            fail(name, "must be a list of one or more of \(known); leave it out for all")
        }
        return Set(types)
    }

    fileprivate mutating func webhookSecret(_ name: String) -> WebhookSecret? {
        guard let value = value(name) else { return nil }
        do throws(WebhookSecret.Problem) {
            return try WebhookSecret(value.stringValue ?? "")
        } catch {
            fail(name, "\(error.description); leave it out and one is made up")
            return nil
        }
    }
}

extension Subscription {
    var json: JSONObject {
        let types = CallNews.allCases.filter(self.types.contains).map { JSONValue.string($0.type) }
        return [
            "id": .string(id.text), "url": .string(url), "events": self.types.isEmpty ? .null : .array(types),
            "created_at": .string(createdAt.rfc3339),
        ]
    }
}

extension Delivery {
    func json(url: String?) -> JSONObject {
        var json: JSONObject = ["id": .string(id.text), "subscription_id": .null, "call_id": .optional(callID?.text)]
        if case .subscription(let id) = receiver { json["subscription_id"] = .string(id.text) }
        json["url"] = .optional(url)
        switch subject {
        case .event(let news, _, _): json["type"] = .string(news.type)
        case .trial: json["type"] = .string(TrialEvent.type)
        }
        json["timestamp"] = .string(at.rfc3339)
        json["status"] = .string(status.rawValue)
        json["next_attempt_at"] = status == .pending ? .string(due.rfc3339) : .null
        json["attempts"] = .array(attempts.map(\.json))
        return json
    }
}

extension DeliveryAttempt {
    fileprivate var json: JSONValue {
        [
            "at": .string(at.rfc3339), "status_code": .optional(status), "error": .optional(reason),
            "duration_ms": .integer(milliseconds),
        ]
    }
}

/// What is sent to try a subscription out.
enum TrialEvent {
    static let type = "subscription.test"

    static func json(of id: SubscriptionID, at time: Timestamp) -> JSONValue {
        ["type": .string(type), "timestamp": .string(time.rfc3339), "data": ["subscription_id": .string(id.text)]]
    }
}

extension OutgoingEvent {
    /// The body of the request.
    package var body: [UInt8] {
        switch content {
        case .notice(let notice): notice.json
        case .trial(let id, let time): TrialEvent.json(of: id, at: time).encoded
        }
    }
}

extension Problem {
    fileprivate static var noSubscription: Problem {
        .notFound("The subscription does not exist. GET /subscriptions lists all of them.")
    }

    fileprivate static var noDelivery: Problem {
        .notFound("The delivery does not exist, or is not kept any more. GET /deliveries lists those that are.")
    }

    fileprivate static var noReceiver: Problem {
        .notFound("The delivery has no receiver any more: its subscription has ended, or its call has left.")
    }

    fileprivate init(_ failure: SubscribeFailure) {
        switch failure {
        case .tooMany(let most):
            let advice = "has no room: there are \(most) subscriptions; DELETE /subscriptions/{id} ends one"
            self = .validation([.init("url", advice)])
        case .journal(let failure): self.init(failure)
        }
    }
}
