using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Protean.Codec;

namespace Protean.Node.Transport;

/// <summary>A node's certificate for TLS: self-signed, made anew at every start. Only its key means anything: the node record
/// names it.</summary>
public sealed class TransportCertificate : IDisposable
{
    private static readonly DateTimeOffset Always = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Forever = new(9999, 12, 31, 0, 0, 0, TimeSpan.Zero);

    private readonly X509Certificate2 _certificate;

    /// <param name="key">ECDSA P-256.</param>
    public TransportCertificate(ECDsa key)
    {
        var request = new CertificateRequest("CN=protean", key, HashAlgorithmName.SHA256);
        _certificate = request.CreateSelfSigned(Always, Forever);
        PublicKey = PublicKeyOf(_certificate);
        Context = SslStreamCertificateContext.Create(_certificate, additionalCertificates: null, offline: true);
    }

    /// <summary>SubjectPublicKeyInfo, as the node record has it.</summary>
    public Bytes PublicKey { get; }

    internal SslStreamCertificateContext Context { get; }

    public static Bytes PublicKeyOf(ECDsa key) => Bytes.Wrap(key.ExportSubjectPublicKeyInfo());

    public void Dispose() => _certificate.Dispose();

    internal static Bytes PublicKeyOf(X509Certificate2 certificate) => Bytes.Wrap(certificate.PublicKey.ExportSubjectPublicKeyInfo());
}
