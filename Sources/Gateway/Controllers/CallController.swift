import CallDomain
import CallFlow
import Hummingbird

/// `/calls`: place, list, look up, hang up.
struct CallController {
    let flow: CallFlow
    let cursors: CursorCodec
    let maxCallDuration: Duration
    /// See ``PlaceCall``.
    let callbacks: CallbackRules?
    let outcomes: OrderOutcomes

    func addRoutes(to group: RouterGroup<GatewayContext>) {
        // One path of two meanings in the contract (an agent's id here, a call's there), so one parameter name.
        group.post("calls/{id}", use: place)
        group.get("calls", use: list)
        group.get("calls/{id}", use: lookUp)
        group.post(VitalRoute.hangUp.path, use: hangUp)
        group.get("calls/{id}/transcript", use: transcript)
    }

    @Sendable private func place(_ request: Request, context: GatewayContext) async throws -> Response {
        let agentID = try context.agentID()
        let key = try IdempotencyKey(request.headers)
        let body = try await request.jsonBytes()
        var order = try PlaceCall(
            agentID: agentID,
            request: try JSONObject(body: body),
            maxCallDuration: maxCallDuration,
            callbacks: callbacks
        )
        order.correlationID = context.requestID
        guard let key else { return try await place(order, nil, context).answer.response }
        let claim = KeyClaim(
            name: KeyName(caller: context.caller, key: key.text),
            digest: IdempotencyKey.digest(path: request.uri.path, body: body)
        )
        switch flow.keys.claim(claim) {
        case .replay(let answer):
            context.trace.note(outcome: "replayed")
            return answer.replay
        case .inProgress: throw Problem(.inProgress)
        case .otherRequest: throw Problem(.otherRequest)
        case .erased: throw Problem(.erased)
        case .free: return try await place(order, keepingAnswerFor: claim, context)
        }
    }

    /// - Returns: the answer, and whether somebody may have been dialed.
    private func place(
        _ order: PlaceCall,
        _ key: KeyClaim?,
        _ context: GatewayContext
    ) async throws(PlacingFailure) -> (answer: KeptAnswer, mayHaveDialed: Bool) {
        let call: Call
        do throws(PlacingFailure) {
            call = try await flow.place(order, key: key)
        } catch {
            outcomes.count(Problem(error).code.rawValue)
            throw error
        }
        context.trace.note(call)
        context.trace.note(outcome: call.callSid == nil ? call.status.rawValue : "created")
        outcomes.count(call.callSid == nil ? call.status.rawValue : "created")
        // Without a CallSid `canceled` is our own word for an order that was ended before it was dialed.
        let mayHaveDialed = call.status != .canceled || call.callSid != nil
        return (KeptAnswer(call.callSid == nil ? .accepted : .created, call), mayHaveDialed)
    }

    /// Places an order and keeps its answer, unless that says that certainly nobody was dialed: then the key is free
    /// again for the mended order.
    private func place(
        _ order: PlaceCall,
        keepingAnswerFor key: KeyClaim,
        _ context: GatewayContext
    ) async throws -> Response {
        let (answer, mayHaveDialed): (KeptAnswer, Bool)
        do throws(PlacingFailure) {
            (answer, mayHaveDialed) = try await place(order, key, context)
        } catch {
            if case .keyTaken = error { flow.keys.letGo(key.name) } else { await flow.keys.release(key.name) }
            throw error
        }
        if mayHaveDialed {
            await flow.keys.keep(answer, as: key.name)
        } else {
            await flow.keys.release(key.name)
        }
        return answer.response
    }

    @Sendable private func list(_ request: Request, context: GatewayContext) async throws -> Response {
        var query = QueryReader(request)
        let limit = query.limit()
        var filter = query.callFilter()
        if let since = query.updatedAfter() {
            let cursor = query.cursor(cursors, list: Self.changes).flatMap(ChangePlace.init(text:))
            try query.finish()
            var place: ChangePlace?
            switch since {
            case .time(let time): filter.updatedAfter = time
            // Of another journal, whose reader would miss what this one holds.
            case .position(let position) where position > flow.lastPosition: break
            case .position(let position): place = ChangePlace(behind: position)
            }
            return changed(filter, limit, after: cursor ?? place)
        }
        let cursor = query.cursor(cursors, list: "calls").flatMap(CallCursor.init(text:))
        try query.finish()
        let page = flow.calls(matching: filter, limit: limit, after: cursor)
        return answer(page.calls, next: page.next.map { cursors.seal($0.text, list: "calls") })
    }

    private static let changes = "changed calls"

    private func changed(_ filter: CallFilter, _ limit: Int, after place: ChangePlace?) -> Response {
        let page = flow.changedCalls(matching: filter, limit: limit, after: place)
        return answer(page.calls, next: page.next.map { cursors.seal($0.text, list: Self.changes) })
    }

    private func answer(_ calls: [Call], next: String?) -> Response {
        var page = JSONObjectWriter(capacity: (calls.count + 1) * Call.usualLength)
        page.add("data", each: calls) { $0.add(to: &$1) }
        page.add("next_cursor", next)
        return .json(.ok, page.finished())
    }

    @Sendable private func lookUp(_ request: Request, context: GatewayContext) async throws -> Response {
        let id = try flow.callID(context)
        var query = QueryReader(request)
        let patience = query.patience()
        try query.finish()
        if let patience { await flow.waitForEnd(of: id, atMost: patience) }
        guard let history = flow.history(of: id) else { throw Problem.noCall }
        if let call = flow.call(id) { context.trace.note(call) }
        return .json(.ok, history.json)
    }

    @Sendable private func hangUp(_ request: Request, context: GatewayContext) async throws -> Response {
        let id = try flow.callID(context)
        let names = flow.call(id)?.logNames ?? [:]
        let call = try await LogContext.adding(names) { try await flow.hangUp(id) }
        context.trace.note(call)
        return .json(.accepted, call.json)
    }

    @Sendable private func transcript(_ request: Request, context: GatewayContext) async throws -> Response {
        guard let call = flow.call(try flow.callID(context)) else { throw Problem.noCall }
        context.trace.note(call)
        let list = "transcript \(call.id.text)"
        var query = QueryReader(request)
        let limit = query.limit()
        let cursor = query.cursor(cursors, list: list)
        try query.finish()
        let page = try await LogContext.adding(call.logNames) {
            try await flow.transcript(of: call, limit: limit, cursor: cursor)
        }
        return .json(
            .ok,
            [
                "data": .array(page.messages.map(\.json)),
                "next_cursor": .optional(page.nextCursor.map { cursors.seal($0, list: list) }),
            ]
        )
    }
}

extension CallFlow {
    /// The call that the path names, by our id or by its CallSid.
    func callID(_ context: GatewayContext) throws -> CallID {
        let text = context.parameters.get("id") ?? ""
        if let id = CallID(text) { return id }
        if let sid = CallSid(text), let id = callID(of: sid) { return id }
        throw Problem.noCall
    }
}

/// Since when calls have changed that a list shows.
private enum Since {
    case time(Timestamp)
    case position(Position)
}

extension ChangePlace {
    /// Behind all calls that changed there or before.
    fileprivate init(behind position: Position) {
        self.init(position: position, id: CallID(high: .max, low: .max, isDerived: true))
    }
}

extension QueryReader {
    mutating func callFilter() -> CallFilter {
        var filter = CallFilter()
        filter.statuses = statuses()
        filter.agentID = agentID()
        let party = "must be as a call's phone_number shows it: a number in E.164 (write + as %2B), sip:…, anonymous, …"
        // Our orders have the spelling of today; a call that Twilio told us of keeps Twilio's.
        let spellings = parsed("phone_number", party, maximum: PartyText.maximum) { text -> Set<String>? in
            PartyText.fits(text) ? [text, PhoneNumber(text)?.respelled.text ?? text] : nil
        }
        filter.phoneNumbers = spellings ?? []
        filter.direction = parsed("direction", "must be outbound or inbound") { CallDirection(rawValue: $0) }
        filter.createdAfter = time("created_after")
        filter.createdBefore = time("created_before")
        filter.metadata = members("metadata")
        return filter
    }

    mutating func statuses() -> Set<CallStatus> {
        var statuses: Set<CallStatus> = []
        for text in words("status") {
            if let status = CallStatus(rawValue: text) {
                statuses.insert(status)
            } else {
                let known = CallStatus.allCases.map(\.rawValue).joined(separator: ", ")
                fail("status", "must be one or more of \(known)")
            }
        }
        return statuses
    }

    mutating func agentID() -> AgentID? { parsed("agent_id", "must be an agent's id, a UUID") { AgentID($0) } }

    fileprivate mutating func updatedAfter() -> Since? {
        let advice = "must be a time such as 2026-11-22T11:46:05Z (write + as %2B), or the position of a call"
        return parsed("updated_after", advice) { text in
            Position(text).map(Since.position) ?? Timestamp(iso8601: text).map(Since.time)
        }
    }

    /// How long a look-up may wait for the end of its call; `nil` if it does not. A timeout alone means nothing: generated
    /// clients send the default that the description tells.
    fileprivate mutating func patience() -> Duration? {
        let isWanted = parsed("wait", "must be terminal, or left out") { $0 == "terminal" ? true : nil } == true
        let advice = "must be a whole number of seconds from \(Self.patience.lowerBound) to \(Self.patience.upperBound)"
        let seconds = parsed("timeout", advice) { text in
            Int(text).flatMap { Self.patience.contains($0) && "\($0)" == text ? $0 : nil }
        }
        return isWanted ? .seconds(seconds ?? Self.usualPatience) : nil
    }
}

extension CallCursor {
    fileprivate var text: String { "\(listedAt.milliseconds) \(id.text)" }

    fileprivate init?(text: String) {
        let parts = text.split(separator: " ")
        guard parts.count == 2, let milliseconds = Int64(parts[0]), let id = CallID(String(parts[1])) else {
            return nil
        }
        self.init(listedAt: Timestamp(milliseconds: milliseconds), id: id)
    }
}

extension ChangePlace {
    fileprivate var text: String { "\(position) \(id.text)" }

    fileprivate init?(text: String) {
        let parts = text.split(separator: " ")
        guard parts.count == 2, let position = Position(String(parts[0])), let id = CallID(String(parts[1])) else {
            return nil
        }
        self.init(position: position, id: id)
    }
}

extension Problem {
    static var noCall: Problem {
        .notFound("The call does not exist. GET /calls lists all calls.")
    }
}
