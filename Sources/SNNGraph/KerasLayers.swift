/// Keras 3's layer classes, so that one which is not here yet is told from one that does not exist.
enum KerasLayers {
    /// Not inlined: the list would be there once for each use.
    @inline(never)
    static func has(_ name: String) -> Bool {
        let name = Array(name.utf8)
        var first = 0
        return names.withUTF8Buffer { bytes in
            for index in bytes.indices where bytes[index] == UInt8(ascii: " ") {
                if bytes[first ..< index].elementsEqual(name) { return true }
                first = index + 1
            }
            return false
        }
    }

    /// Each with a blank behind it: as an array they would take three times the memory.
    private static let names: StaticString = """
        ActivityRegularization AdditiveAttention AlphaDropout Attention AugMix AutoContrast \
        Average AveragePooling1D AveragePooling2D AveragePooling3D Bidirectional CategoryEncoding \
        CenterCrop Conv1D Conv1DTranspose Conv2D Conv2DTranspose Conv3D Conv3DTranspose \
        ConvLSTM1D ConvLSTM2D ConvLSTM3D Cropping1D Cropping2D Cropping3D CutMix DepthwiseConv1D \
        DepthwiseConv2D Discretization Dot EinsumDense ELU Embedding Equalization FlaxLayer GRU \
        GRUCell GaussianDropout GaussianNoise GlobalAveragePooling1D GlobalAveragePooling2D \
        GlobalAveragePooling3D GlobalMaxPooling1D GlobalMaxPooling2D GlobalMaxPooling3D \
        GroupNormalization GroupQueryAttention HashedCrossing Hashing Identity IntegerLookup \
        JaxLayer LSTM LSTMCell Lambda LayerNormalization Masking MaxPooling1D MaxPooling2D \
        MaxPooling3D Maximum MelSpectrogram Minimum MixUp MultiHeadAttention Multiply \
        Normalization PReLU Permute Pipeline RMSNormalization RNN RandAugment RandomBrightness \
        RandomColorDegeneration RandomColorJitter RandomContrast RandomCrop RandomErasing \
        RandomFlip RandomGaussianBlur RandomGrayscale RandomHue RandomInvert RandomPerspective \
        RandomPosterization RandomRotation RandomSaturation RandomSharpness RandomShear \
        RandomTranslation RandomZoom RepeatVector Rescaling Resizing ReversibleEmbedding \
        STFTSpectrogram SeparableConv1D SeparableConv2D SimpleRNN SimpleRNNCell Solarization \
        SpatialDropout1D SpatialDropout2D SpatialDropout3D SpectralNormalization StackedRNNCells \
        StringLookup Subtract TFSMLayer TextVectorization TimeDistributed TorchModuleWrapper \
        UnitNormalization UpSampling1D UpSampling2D UpSampling3D Wrapper ZeroPadding1D \
        ZeroPadding2D ZeroPadding3D \

        """
}
