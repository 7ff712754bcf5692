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
        let prediction = try view(required(prediction, "y_pred").pointee, "y_pred", 0)
        let count = prediction.rows * prediction.shape.count
        if outGradient != nil { try checkRoom(count, outGradient, capacity, "out_gradient") }
        let loss = try LossComputation.run(
            options: options(optionsText),
            target: view(required(target, "y_true").pointee, "y_true", 0), prediction: prediction,
            weights: sampleWeight.map { (array) throws(SNNError) in
                try view(array.pointee, "sample_weight", 0)
            }, gradient: outGradient)
        outLoss.pointee = loss
        outCount?.pointee = Int64(count)
    }
}
