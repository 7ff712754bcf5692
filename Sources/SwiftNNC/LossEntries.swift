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
        try checkRoom(count, outGradient, capacity, "out_gradient")
        let loss = try LossComputation.run(
            options: options(optionsText),
            target: view(required(target, "y_true").pointee, "y_true", 0), prediction: prediction,
            weights: sampleWeight.map { (array) throws(SNNError) in
                try view(array.pointee, "sample_weight", 0)
            }, gradient: outGradient)
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
        let sumCount = try count(sumCount, "sum_count")
        guard sums != nil || sumCount == 0 else {
            throw SNNError(.argument, "'sums': expected \(sumCount) numbers, received NULL")
        }
        let computation = try MetricComputation(
            options: options(optionsText),
            target: view(required(target, "y_true").pointee, "y_true", 0),
            prediction: view(required(prediction, "y_pred").pointee, "y_pred", 0),
            weights: sampleWeight.map { (array) throws(SNNError) in
                try view(array.pointee, "sample_weight", 0)
            }, sums: UnsafeBufferPointer(start: sums, count: sumCount))
        let made = computation.sums
        try checkRoom(made.count, outSums, capacity, "out_sums")
        if let outSums { outSums.copy(from: made.pointer, count: made.count) }
        outResult.pointee = computation.result
        outCount.pointee = Int64(made.count)
    }
}
