import HTTPTypes
import Hummingbird
import NIOCore
import ServiceLifecycle

/// Plays one fault on one request that has been read.
struct FaultPlay: Sendable {
    /// Thrown where no answer is given, because the connection is closed.
    struct Closed: Error {}

    let core: SandboxCore
    let vendor: Ledger.Vendor
    let wire: Wire
    let request: VendorRequest
    /// The request's place in the ledger.
    let place: Int
    let handler: @Sendable (VendorRequest) -> VendorAnswer

    /// Throws when the connection was closed; whatever else goes wrong closes it too.
    func play(_ fault: RequestFault) async throws -> Response {
        do {
            return try await answer(fault)
        } catch {
            await wire.close()
            throw error
        }
    }

    private func answer(_ fault: RequestFault) async throws -> Response {
        switch fault {
        case .delay(let time):
            try await pause(time)
            return give(act())
        case .lateAnswer(let time):
            let answer = act()
            try await pause(time)
            return give(answer)
        case .failure(let status, let acts, let retryAfter):
            if acts { act() }
            return give(.failure(of: vendor, status: status, retryAfter: retryAfter))
        case .refuse:
            await wire.reset()
            throw Closed()
        case .closeBeforeReading, .closeWhileReading:
            throw Closed()
        case .closeAfterReading(let acts), .closeOnce(let acts):
            if acts { act() }
            throw Closed()
        case .reset(let acts):
            if acts { act() }
            await wire.reset()
            throw Closed()
        case .oneByte(let acts):
            if acts { act() }
            try await wire.send(Array("H".utf8))
            throw Closed()
        case .truncated:
            let answer = act()
            note(answer.status)
            let body = Array(answer.body.utf8)
            try await wire.send(answer.head(["content-length: \(body.count)"]) + body.prefix(body.count / 2))
            throw Closed()
        case .sid(let flaw): return give(act().spoilingIdentifier(flaw, of: vendor, core.state.value))
        case .joinURL(let flaw): return give(act().spoilingJoinURL(flaw))
        case .html(let status, let acts):
            if acts { act() }
            return give(.webPage(status: status))
        case .answer(let status, let body, let acts, let retryAfter):
            if acts { act() }
            return give(.verbatim(body, status: status, retryAfter: retryAfter))
        case .redirect(let location, let acts):
            if acts { act() }
            return give(VendorAnswer(status: 301, headers: [.location: location]))
        case .endless(let bytes, let time, let acts):
            try await trickle(bytes, each: time, status: status(acts: acts))
        case .gzipBomb(let bytes, let acts):
            let status = status(acts: acts)
            note(status)
            return Response(
                status: .init(code: status),
                headers: [.contentType: "application/json", .contentEncoding: "gzip"],
                body: .init(byteBuffer: ByteBuffer(bytes: GzipBomb.bytes(inflatingTo: bytes)))
            )
        case .callbacksFirst(let count, let longest):
            let answer = act()
            try await deliveries(count, about: answer, atMost: longest)
            return give(answer)
        }
    }

    @discardableResult
    private func act() -> VendorAnswer {
        core.state.update { $0.ledger.actOnRequest(at: place) }
        return handler(request)
    }

    private func give(_ answer: VendorAnswer) -> Response {
        note(answer.status)
        return answer.response
    }

    private func note(_ status: Int) {
        core.state.update { $0.ledger.answerRequest(at: place, status: status) }
    }

    /// That of the real answer, or what a success would have had.
    private func status(acts: Bool) -> Int {
        if acts { return act().status }
        return request.method == .post ? 201 : 200
    }

    private func pause(_ time: Duration) async throws {
        try await cancelWhenGracefulShutdown { try await ContinuousClock().sleep(for: time) }
    }

    /// Goes on until the client has closed, which makes sending fail, or the sandbox stops.
    private func trickle(_ bytes: Int, each time: Duration, status: Int) async throws -> Never {
        note(status)
        let answer = VendorAnswer(status: status, headers: [.contentType: "application/json"])
        try await wire.send(answer.head(["transfer-encoding: chunked"]))
        let piece = Array("\(String(bytes, radix: 16))\r\n".utf8) + [UInt8](repeating: 0x20, count: bytes)
        while true {
            try await wire.send(piece + Array("\r\n".utf8))
            try await pause(time)
        }
    }

    /// Waits for webhooks of the call that an answer is about to have been answered.
    private func deliveries(_ count: Int, about answer: VendorAnswer, atMost longest: Duration) async throws {
        guard let id = answer.json?[vendor.identifierName]?.string else { return }
        try await withThrowingTaskGroup { group in
            group.addTask { _ = try await core.state.wait { $0.ledger.deliveries(of: id) >= count } }
            group.addTask { try await pause(longest) }
            try await group.next()
            group.cancelAll()
        }
    }
}
