import FoundationEssentials
import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore

/// One stand-in's HTTP server: it reads a request whole, enters it into the ledger and hands it to the vendor's API.
///
/// Every request passes here and every answer leaves here, and here a ``RequestFault`` strikes.
struct VendorServer: Sendable {
    let core: SandboxCore
    let vendor: Ledger.Vendor
    let answer: @Sendable (VendorRequest) -> VendorAnswer

    /// Listens on `127.0.0.1` until shutdown.
    func run(port: Int) async throws {
        let application = Application(
            responder: CallbackResponder<WireContext> { try await respond(to: $0, on: $1.wire) },
            server: HTTPServerBuilder { responder in
                TappedChannel(http: HTTP1Channel(responder: responder), refuses: refusesConnection)
            },
            configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: port)),
            onServerRunning: { channel in
                let address = "http://127.0.0.1:\(channel.localAddress?.port ?? port)"
                core.state.update { state in
                    switch vendor {
                    case .twilio: state.twilioAddress = address
                    case .ultravox: state.ultravoxAddress = address
                    }
                }
            },
            logger: core.logger
        )
        try await application.run()
    }

    private func respond(to request: Request, on wire: Wire) async throws -> Response {
        let target = request.head.path ?? "/"
        if target.prefix(while: { $0 != "?" }).hasPrefix("/_sandbox/") {
            let body = try await request.body.collect(upTo: 1 << 20)
            return ControlAPI(core: core).answer(vendorRequest(request, body)).response
        }
        let early = core.state.update { $0.faults.fault(at: vendor, method: request.method.rawValue, target: target) }
        if let early { try await breakOff(request, early, wire) }

        let read = vendorRequest(request, try await request.body.collect(upTo: 1 << 20))
        let (place, fault) = core.state.update { state in
            let number = vendor == .twilio ? state.calledNumber(of: read) : nil
            let fault = state.faults.fault(at: vendor, read, number: number)
            return (state.ledger.append(.request(entry(read, fault: fault))), fault)
        }
        if let fault {
            let play = FaultPlay(
                core: core,
                vendor: vendor,
                wire: wire,
                request: read,
                place: place,
                handler: answer
            )
            return try await play.play(fault)
        }
        let answer = answer(read)
        core.state.update { $0.ledger.answerRequest(at: place, status: answer.status) }
        return answer.response
    }

    private func refusesConnection() -> Bool {
        core.state.update { state in
            guard state.faults.refusesConnection(to: vendor) else { return false }
            _ = state.ledger.append(connection(.refuse, head: nil))
            return true
        }
    }

    /// Ends the connection before the request has been read.
    private func breakOff(_ request: Request, _ fault: RequestFault, _ wire: Wire) async throws -> Never {
        if fault == .closeWhileReading {
            let wanted = (request.headers[.contentLength].flatMap(Int.init) ?? 0) / 2
            var body = ByteBuffer()
            if wanted > 0 {
                for try await piece in request.body {
                    body.writeImmutableBuffer(piece)
                    if body.readableBytes >= wanted { break }
                }
            }
            let part = body
            core.state.update { state in
                _ = state.ledger.append(.request(cutEntry(vendorRequest(request, part), fault: fault)))
            }
        } else {
            let head = "\(request.method.rawValue) \(request.head.path ?? "/")"
            core.state.update { _ = $0.ledger.append(connection(fault, head: head)) }
        }
        if fault == .refuse { await wire.reset() } else { await wire.close() }
        throw FaultPlay.Closed()
    }

    private func vendorRequest(_ request: Request, _ body: ByteBuffer) -> VendorRequest {
        VendorRequest(
            method: request.method,
            target: request.head.path ?? "/",
            headers: request.headers,
            body: Array(buffer: body)
        )
    }

    private func connection(_ fault: RequestFault, head: String?) -> Ledger.Entry {
        .connection(Ledger.Connection(time: Date(), vendor: vendor, head: head, fault: fault.name))
    }

    private func entry(_ request: VendorRequest, fault: RequestFault?) -> Ledger.Request {
        let form = request.form
        return Ledger.Request(
            time: Date(),
            vendor: vendor,
            method: request.method.rawValue,
            path: request.path,
            parameters: request.query + form,
            body: form.isEmpty && !request.body.isEmpty ? String(decoding: request.body, as: UTF8.self) : nil,
            isComplete: true,
            isActedOn: fault == nil,
            fault: fault?.name
        )
    }

    /// A part of a body is no form: it is shown as text.
    private func cutEntry(_ request: VendorRequest, fault: RequestFault) -> Ledger.Request {
        Ledger.Request(
            time: Date(),
            vendor: vendor,
            method: request.method.rawValue,
            path: request.path,
            parameters: request.query,
            body: String(decoding: request.body, as: UTF8.self),
            isComplete: false,
            isActedOn: false,
            fault: fault.name
        )
    }
}
