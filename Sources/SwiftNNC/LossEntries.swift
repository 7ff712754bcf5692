import CSwiftNN
import SNNCore
import SNNTraining
import SwiftNN

@_cdecl("snn_loss_register") @implementation
public func snn_loss_register(
    _ name: UnsafePointer<CChar>!, _ callback: snn_loss_callback!, _ user: UnsafeMutableRawPointer!
) -> snn_status {
    entry { () throws(SNNError) in
        try HostLosses.register(text(name, "name"), callback, user: user)
    }
}

@_cdecl("snn_loss_compute") @implementation
public func snn_loss_compute(
    _ optionsText: UnsafePointer<CChar>!, _ target: UnsafePointer<snn_array>!,
    _ prediction: UnsafePointer<snn_array>!, _ sampleWeight: UnsafePointer<snn_array>!,
    _ outLoss: UnsafeMutablePointer<Double>!, _ outGradient: UnsafeMutablePointer<Float>!,
    _ capacity: Int64, _ outCount: UnsafeMutablePointer<Int64>!
) -> snn_status {
    entry { () throws(SNNError) in
        let outLoss = try required(outLoss, "out_loss")
        let outCount = try required(outCount, "out_count")
        let prediction = try view(required(prediction, "y_pred").pointee, "y_pred", 0)
        let count = prediction.rows &* prediction.shape.count
        let loss = try LossComputation.run(
            options: options(optionsText),
            target: view(required(target, "y_true").pointee, "y_true", 0), prediction: prediction,
            weights: sampleWeight.map { (array) throws(SNNError) in
                try view(array.pointee, "sample_weight", 0)
            }, gradient: outGradient,
            checkRoom: { () throws(SNNError) in
                try checkRoom(count, outGradient, capacity, "out_gradient")
            })
        outLoss.pointee = loss
        outCount.pointee = Int64(count)
    }
}

@_cdecl("snn_metric_compute") @implementation
public func snn_metric_compute(
    _ optionsText: UnsafePointer<CChar>!, _ target: UnsafePointer<snn_array>!,
    _ prediction: UnsafePointer<snn_array>!, _ sampleWeight: UnsafePointer<snn_array>!,
    _ sums: UnsafePointer<Double>!, _ sumCount: Int64, _ outResult: UnsafeMutablePointer<Double>!,
    _ outSums: UnsafeMutablePointer<Double>!, _ capacity: Int64,
    _ outCount: UnsafeMutablePointer<Int64>!
) -> snn_status {
    entry { () throws(SNNError) in
        let outResult = try required(outResult, "out_result")
        let outCount = try required(outCount, "out_count")
        let before = try metricSums(sums, sumCount)
        let prediction = try view(required(prediction, "y_pred").pointee, "y_pred", 0)
        let metric = try MetricComputation(
            options: options(optionsText), predictions: prediction.shape)
        let made = try metric.sums(
            adding: view(required(target, "y_true").pointee, "y_true", 0), prediction,
            weights: sampleWeight.map { (array) throws(SNNError) in
                try view(array.pointee, "sample_weight", 0)
            }, to: before)
        try withNumbers(made) { (sums) throws(SNNError) in
            let results = try metric.results(of: sums)
            try give(sums, outSums, capacity, outCount, "out_sums")
            withNumbers(results) { outResult.pointee = $0[0] }
        }
    }
}

@_cdecl("snn_metric_get_result") @implementation
public func snn_metric_get_result(
    _ optionsText: UnsafePointer<CChar>!, _ prediction: UnsafePointer<snn_array>!,
    _ sums: UnsafePointer<Double>!, _ sumCount: Int64,
    _ outValues: UnsafeMutablePointer<Double>!, _ capacity: Int64,
    _ outCount: UnsafeMutablePointer<Int64>!
) -> snn_status {
    entry { () throws(SNNError) in
        let sums = try metricSums(sums, sumCount)
        let metric = try MetricComputation(
            options: options(optionsText),
            predictions: view(required(prediction, "y_pred").pointee, "y_pred", 0).shape)
        try withNumbers(metric.results(of: sums)) { (results) throws(SNNError) in
            try give(results, outValues, capacity, outCount)
        }
    }
}

/// The buffer's numbers, which stay for the time of `body`.
private func withNumbers<Failure: Error>(
    _ buffer: Buffer<Double>, _ body: (UnsafeBufferPointer<Double>) throws(Failure) -> Void
) throws(Failure) {
    defer { withExtendedLifetime(buffer) {} }
    try body(UnsafeBufferPointer(start: buffer.pointer, count: buffer.count))
}

private func metricSums(
    _ sums: UnsafePointer<Double>?, _ sumCount: Int64
) throws(SNNError) -> UnsafeBufferPointer<Double> {
    let sumCount = try count(sumCount, "sum_count")
    guard sums != nil || sumCount == 0 else {
        throw SNNError(.argument, "'sums': expected \(sumCount) numbers, received NULL")
    }
    return UnsafeBufferPointer(start: sums, count: sumCount)
}
