import FoundationEssentials
import HTTPTypes
import Hummingbird
import Logging
import NIOCore

/// One stand-in's HTTP server: it reads a request whole, enters it into the ledger and hands it to the vendor's API.
///
/// Every request passes here and every answer leaves here: the place where a vendor can be told to misbehave.
struct VendorServer: Sendable {
    let core: SandboxCore
    let vendor: Ledger.Vendor
    let answer: @Sendable (VendorRequest) -> VendorAnswer

    /// Listens on `127.0.0.1` until shutdown.
    func run(port: Int) async throws {
        let application = Application(
            responder: CallbackResponder<BasicRequestContext> { request, _ in try await respond(to: request) },
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

    private func respond(to request: Request) async throws -> Response {
        let body = try await request.body.collect(upTo: 1 << 20)
        let vendorRequest = VendorRequest(
            method: request.method,
            target: request.head.path ?? "/",
            headers: request.headers,
            body: Array(buffer: body)
        )
        if vendorRequest.segments.first == "_sandbox" {
            return response(ControlAPI(core: core).answer(vendorRequest))
        }
        let place = core.state.update { $0.ledger.append(.request(entry(vendorRequest))) }
        let answer = answer(vendorRequest)
        core.state.update { $0.ledger.answerRequest(at: place, status: answer.status) }
        return response(answer)
    }

    private func entry(_ request: VendorRequest) -> Ledger.Request {
        let form = request.form
        return Ledger.Request(
            time: Date(),
            vendor: vendor,
            method: request.method.rawValue,
            path: request.path,
            parameters: request.query + form,
            body: form.isEmpty && !request.body.isEmpty ? String(decoding: request.body, as: UTF8.self) : nil
        )
    }

    private func response(_ answer: VendorAnswer) -> Response {
        Response(
            status: .init(code: answer.status),
            headers: answer.headers,
            body: answer.body.isEmpty ? .init() : .init(byteBuffer: ByteBuffer(string: answer.body))
        )
    }
}
