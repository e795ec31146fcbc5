import HTTPTypes
package import Logging
package import Metrics
package import OutboundHTTP
import ServiceLifecycle
import Synchronization

/// Sends HTTP requests with libcurl: one multi handle on one thread of its own, connections shared by all requests.
///
/// - The thread starts with the engine, so ``send(_:)`` works at once, whether ``run()`` is called or not. It ends by
///   ``run()``'s shutdown or cancellation, or with the engine itself.
/// - A request that is not idempotent (`POST`, `PATCH`) is handed to the network at most once, and once more only where
///   the protocol proves that the first was not acted on: HTTP/2's REFUSED_STREAM, or a GOAWAY whose last stream lies
///   below the request's. That a reused connection died without an answer proves nothing. The others may be sent twice.
/// - A pooled connection that the peer is closing is given up before a request is spent on it.
/// - `https` only (`http` to loopback), peer and host always verified, no redirects, no environment, no `.netrc`.
package final class CurlEngine: HTTPTransport, Service, Sendable {
    private let inbox = CommandInbox()
    private let lastID = Atomic<Transfer.ID>(0)
    private let logger: Logger
    private let metrics: OutcomeMetrics
    private let thread: EngineThreads.ID

    /// Starts the thread.
    /// - Throws: ``CurlEngineError``.
    package init(
        configuration: CurlConfiguration = .init(),
        logger: Logger,
        metricsFactory: any MetricsFactory = MetricsSystem.factory
    ) throws(CurlEngineError) {
        self.logger = logger
        metrics = OutcomeMetrics(factory: metricsFactory)
        try CurlLibrary.prepare()
        let proxy = try ProxyURL(configuration)
        let certificates = try TrustedCertificates(additionalFile: configuration.additionalCAFile)
        let settings = TransferSettings(
            certificateFile: certificates.path,
            proxy: proxy.text,
            proxyIsLoopback: proxy.isLoopback,
            idleLifetime: configuration.idleLifetime,
            connectionLifetime: configuration.connectionLifetime,
            maximumAnswerHeaderBytes: configuration.maximumAnswerHeaderBytes,
            peerAddresses: configuration.peerAddresses,
            knownHosts: configuration.knownHosts
        )
        let limits = ConnectionPool.Limits(
            connections: max(1, configuration.maximumConnections),
            connectionsPerHost: max(1, configuration.maximumConnectionsPerHost)
        )
        do throws(CurlEngineError) {
            // SAFETY: handed over whole: only the thread uses the pool from here on.
            nonisolated(unsafe) let pool = try ConnectionPool(limits: limits)
            do throws(CurlEngineError) {
                thread = try EngineThreads.shared.start(
                    stop: { [inbox] in inbox.stop(.immediately) },
                    run: { [inbox] in
                        TransferLoop(inbox: inbox, settings: settings, pool: pool).run()
                        certificates.close()
                    }
                )
            } catch {
                pool.close()
                throw error
            }
        } catch {
            certificates.close()
            throw error
        }
    }

    deinit {
        inbox.stop(.immediately)
    }

    package func send(_ request: OutboundRequest) async throws(TransportError) -> OutboundResponse {
        let began = ContinuousClock.now
        let result = await exchange(request, began: began)
        let duration = ContinuousClock.now - began
        switch result {
        case .success(let response):
            metrics.record(duration, request.label, status: response.status)
            logger.debug(
                "outbound request answered",
                metadata: [
                    "http.method": "\(request.method.rawValue)", "http.status": "\(response.status)",
                    "duration.ms": "\(duration.wholeMilliseconds)",
                ]
            )
            return response
        case .failure(let error):
            metrics.record(duration, request.label, failure: error.cause)
            logger.debug(
                "outbound request failed",
                metadata: [
                    "http.method": "\(request.method.rawValue)", "error.cause": "\(error.cause)",
                    "error.delivery": "\(error.delivery)", "error.detail": "\(error.detail)",
                    "duration.ms": "\(duration.wholeMilliseconds)",
                ]
            )
            throw error
        }
    }

    /// Returns when the thread has ended.
    ///
    /// On graceful shutdown no further request is accepted and those in flight are finished, each within its own
    /// time-out. On cancellation they are answered at once with `.stopped`.
    /// - Throws: ``CurlEngineError`` when libcurl itself failed.
    package func run() async throws {
        let end = await withTaskCancellationHandler {
            await withGracefulShutdownHandler {
                await inbox.untilEnd()
            } onGracefulShutdown: { [inbox] in
                inbox.stop(.afterCurrentTransfers)
            }
        } onCancel: { [inbox] in
            inbox.stop(.immediately)
        }
        EngineThreads.shared.join(thread)
        try end.get()
    }

    private func exchange(
        _ request: OutboundRequest,
        began: ContinuousClock.Instant
    ) async -> Result<OutboundResponse, TransportError> {
        let checked: WireRequest
        do throws(TransportError) {
            checked = try WireRequest(request)
        } catch {
            return .failure(error)
        }
        let id = lastID.wrappingAdd(1, ordering: .relaxed).newValue
        let inbox = inbox
        // A cancellation that comes before the start is posted must not be posted before it.
        let gate = Mutex((isStarted: false, isCancelled: false))
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                if gate.withLock({ $0.isCancelled }) {
                    let error = TransportError(delivery: .notSent, cause: .cancelled, detail: "cancelled")
                    return continuation.resume(returning: .failure(error))
                }
                guard inbox.post(.start(id, checked, deadline: began + checked.timeout, continuation)) else {
                    let error = TransportError(delivery: .notSent, cause: .stopped, detail: "stopped")
                    return continuation.resume(returning: .failure(error))
                }
                let isCancelled = gate.withLock {
                    $0.isStarted = true
                    return $0.isCancelled
                }
                if isCancelled { _ = inbox.post(.cancel(id)) }
            }
        } onCancel: {
            let isStarted = gate.withLock {
                $0.isCancelled = true
                return $0.isStarted
            }
            if isStarted { _ = inbox.post(.cancel(id)) }
        }
    }
}
