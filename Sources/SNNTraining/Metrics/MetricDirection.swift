/// Which way a metric becomes better.
package enum MetricDirection: Sendable {
    case up
    case down
}
