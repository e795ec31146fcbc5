import CallDomain
import CallFlow
import HTTPTypes
import Hummingbird
import NIOCore

/// `/events` and `/calls/{id}/events`: what happens, as server-sent events.
///
/// - SeeAlso: https://html.spec.whatwg.org/multipage/server-sent-events.html
struct EventController {
    let flow: CallFlow
    /// At the same time: they leave the other connections to webhooks.
    let mostStreams: Int

    func addRoutes(to group: RouterGroup<GatewayContext>) {
        group.get("events", use: all)
        group.get("calls/{id}/events", use: ofCall)
    }

    @Sendable private func all(_ request: Request, context: GatewayContext) async throws -> Response {
        try stream(of: nil, request, context)
    }

    @Sendable private func ofCall(_ request: Request, context: GatewayContext) async throws -> Response {
        let id = try flow.callID(context)
        guard let call = flow.call(id) else { throw Problem.noCall }
        context.trace.note(call)
        return try stream(of: call.id, request, context)
    }

    private func stream(of id: CallID?, _ request: Request, _ context: GatewayContext) throws -> Response {
        var query = QueryReader(request)
        let filter = query.eventFilter(ofOneCall: id != nil)
        let place = query.lastEventID(request)
        try query.finish()
        var headers: HTTPFields = [
            .contentType: "text/event-stream", .cacheControl: "no-store",
            // nginx would hold events back.
            .accelBuffering: "no",
        ]
        guard request.method != .head else { return Response(status: .ok, headers: headers) }
        guard flow.events.readerCount < mostStreams else {
            throw Problem(
                .rateLimited,
                "\(mostStreams) event streams are open, which is as many as the gateway serves. Close one, and try again."
            ).retryAfter(.seconds(5))
        }
        let reader = flow.reader(of: id, filter, after: place)
        // Whoever is gone is not waited for until there is something to tell him.
        context.channel.closeFuture.whenComplete { [weak reader] _ in reader?.close() }
        // So that a connection has one stream, and one who waits for its end.
        headers[.connection] = "close"
        // With those that middleware adds; the answer lasts as long as the stream.
        headers.reserveCapacity(9)
        return Response(
            status: .ok,
            headers: headers,
            body: ResponseBody { writer in
                defer { reader.close() }
                try await writer.write(EventText.begin)
                while let delivery = await reader.next() {
                    // One write holds whole events: some clients lose an event that is cut.
                    try await writer.write(EventText.text(of: delivery))
                }
                try await writer.finish(nil)
            }
        )
    }
}

extension QueryReader {
    /// Of one call, whose agent and metadata nobody needs to ask for, only types can be chosen.
    fileprivate mutating func eventFilter(ofOneCall: Bool) -> EventFilter {
        var filter = EventFilter()
        for text in words("type") {
            if let news = CallNews(type: text) {
                filter.types.insert(news)
            } else {
                fail("type", "must be one or more of \(CallNews.allCases.map(\.type).joined(separator: ", "))")
            }
        }
        guard !ofOneCall else { return filter }
        filter.statuses = statuses()
        filter.agentID = agentID()
        filter.metadata = members("metadata")
        return filter
    }

    /// The header by which a client goes on after the last event that it has seen.
    fileprivate mutating func lastEventID(_ request: Request) -> EventPlace? {
        let name = HTTPField.Name.lastEventID.rawName
        let values = request.headers[values: .lastEventID]
        // A client that has seen none may send an empty one.
        guard let text = values.first, !(values.count == 1 && text.isEmpty) else { return nil }
        guard values.count == 1, let place = EventPlace(text) else {
            fail(name, "must be the id of an event, as its id: line has it; without it the stream begins now")
            return nil
        }
        return place
    }
}

/// Events as the text of a stream.
enum EventText {
    /// Sent at once, so that proxies and clients see that the stream has begun. It says after how many milliseconds a client
    /// comes back. No empty line follows, nor does one follow a sign of life: httpx-sse would take it for the end of an event
    /// without data.
    static let begin = ByteBuffer(string: "retry: 2000\n: the stream has begun\n")

    static func text(of delivery: EventDelivery) -> ByteBuffer {
        switch delivery {
        case .events(let events): text(of: events)
        case .quiet: ByteBuffer(string: ": nothing new\n")
        case .gap: text(StreamEvent.gap.rawValue, id: nil, StreamEvent.gap.data.encoded)
        case .end(let end): text(StreamEvent(end).rawValue, id: nil, StreamEvent(end).data.encoded)
        }
    }

    private static func text(of events: [PublishedEvent]) -> ByteBuffer {
        let texts = events.map { $0.rendered(text) }
        // Nearly always: all readers share these bytes.
        if texts.count == 1 { return texts[0] }
        var all = ByteBuffer()
        all.reserveCapacity(texts.reduce(0) { $0 + $1.readableBytes })
        for text in texts { all.writeImmutableBuffer(text) }
        return all
    }

    private static func text(of notice: CallNotice) -> ByteBuffer {
        text(notice.news.type, id: notice.place, notice.json)
    }

    /// `data` is the text of a JSON object.
    private static func text(_ type: String, id: EventPlace?, _ data: [UInt8]) -> ByteBuffer {
        var text = ByteBuffer()
        text.reserveCapacity(data.count + 96)
        if let id { text.writeString("id: \(id)\n") }
        text.writeString("event: \(type)\ndata: ")
        // JSON text has no line ends of its own.
        text.writeBytes(data)
        text.writeString("\n\n")
        return text
    }
}

/// What a stream tells of itself, beside the events of calls. These have no id: they are no place to go on from.
enum StreamEvent: String, CaseIterable {
    case gap = "stream.gap"
    case slow = "stream.slow"
    case stopping = "stream.stopping"
    case over = "stream.over"

    init(_ end: EventStreamEnd) {
        self =
            switch end {
            case .slow: .slow
            case .stopping: .stopping
            case .over: .over
            }
    }

    /// What it means, and what to do.
    var detail: String {
        switch self {
        case .gap:
            "Some events after Last-Event-ID are not known any more, or it is of another journal. The events that are known "
                + "follow. Read GET /calls to learn what else has changed."
        case .slow:
            "Events happened faster than this connection took them. Connect again with the Last-Event-ID of the last event, "
                + "and read faster or ask for fewer events."
        case .stopping: "The gateway stops. Connect again with the Last-Event-ID of the last event."
        case .over: "The call is over, and no more events are expected."
        }
    }

    var data: JSONValue { ["type": .string(rawValue), "detail": .string(detail)] }
}

extension CallNotice {
    /// The event as streams and deliveries carry it.
    var json: [UInt8] {
        var object = JSONObjectWriter(capacity: Call.usualLength)
        object.add("type", news.type)
        object.add("timestamp", at)
        object.add("data", call) { $0.add(to: &$1) }
        return object.finished()
    }
}

extension HTTPField.Name {
    static let lastEventID = Self.known("Last-Event-ID")
    fileprivate static let accelBuffering = Self.known("X-Accel-Buffering")
}
