import Hummingbird
import NIOCore

/// `/metrics`: for Prometheus.
struct MetricsController {
    let registry: PrometheusRegistry

    func addRoutes(to group: RouterGroup<GatewayContext>) {
        group.get(VitalRoute.metrics.path) { _, _ in
            let body = ByteBuffer(string: registry.text)
            return Response(
                status: .ok,
                headers: [
                    .contentType: MetricText.contentType, .contentLength: String(body.readableBytes),
                    .cacheControl: "no-store",
                ],
                body: ResponseBody(byteBuffer: body)
            )
        }
    }
}
