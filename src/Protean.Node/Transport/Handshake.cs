using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Protean.Codec;
using Protean.Cryptography;
using Protean.Runtime;

namespace Protean.Node.Transport;

/// <summary>Makes a known peer out of a raw connection: mutual TLS 1.3, then a hello from each side and each side's verdict
/// on it.</summary>
/// <param name="certificate">This node's.</param>
/// <param name="chainId">The network.</param>
/// <param name="self">This node.</param>
/// <param name="nodeOf">Whose transport key it is by the directory; null where nobody's.</param>
internal sealed class Handshake(TransportCertificate certificate, Digest chainId, Digest self, Func<Bytes, Digest?> nodeOf)
{
    // Never sent anywhere useful: the name in the certificate means nothing.
    private const string ServerName = "protean";

    /// <param name="peer">Whom the caller dialled.</param>
    public async Task<PeerConnection> DialAsync(Stream raw, Digest peer, PeerTimings timings, CancellationToken cancellation)
    {
        var tls = new SslStream(raw);
        try
        {
            await tls.AuthenticateAsClientAsync(ClientOptions(peer), cancellation);
            return await GreetAsync(tls, peer, timings, cancellation);
        }
        catch
        {
            await tls.DisposeAsync();
            throw;
        }
    }

    public async Task<PeerConnection> AcceptAsync(Stream raw, PeerTimings timings, CancellationToken cancellation)
    {
        var tls = new SslStream(raw);
        try
        {
            await tls.AuthenticateAsServerAsync(ServerOptions(), cancellation);
            var peer = NodeOf(tls.RemoteCertificate) ?? throw new AuthenticationException("the peer showed no key of the directory");
            return await GreetAsync(tls, peer, timings, cancellation);
        }
        catch
        {
            await tls.DisposeAsync();
            throw;
        }
    }

    private async Task<PeerConnection> GreetAsync(SslStream tls, Digest peer, PeerTimings timings, CancellationToken cancellation)
    {
        var reader = new FrameReader(tls);
        var writer = new FrameWriter(tls);
        var hello = new Hello(Hello.CurrentVersion, SodiumLibrary.Version, chainId, self, peer);
        await writer.WriteAsync(Canonical.Encode(hello), cancellation);
        await writer.FlushAsync(cancellation);

        var refusal = Judge(await ReadAsync(reader, timings, cancellation), peer);
        await writer.WriteAsync(new Encoder().Text(refusal?.Code ?? "").ToArray(), cancellation);
        await writer.FlushAsync(cancellation);
        if (refusal is not null) throw new RefusedException(refusal);

        var code = Verdict(await ReadAsync(reader, timings, cancellation));
        if (code.Length > 0) throw new RefusedException(NodeRefusals.RefusedByPeer(peer, code));
        return new PeerConnection(peer, tls, reader, writer, timings);
    }

    private static async ValueTask<byte[]> ReadAsync(FrameReader reader, PeerTimings timings, CancellationToken cancellation) =>
        await reader.ReadAsync(Limits.MaxHello, timings.Handshake, cancellation)
        ?? throw new AuthenticationException("the peer closed the connection");

    private Refusal? Judge(byte[] bytes, Digest peer)
    {
        try
        {
            return GreetingChecks.Refuse(new Greeting(Canonical.Decode<Hello>(bytes), chainId, self, peer), GreetingChecks.All);
        }
        catch (MalformedException malformed)
        {
            return NodeRefusals.HelloMalformed(malformed.Message);
        }
    }

    private static string Verdict(byte[] bytes)
    {
        var decoder = new Decoder(bytes);
        var code = decoder.Text(Limits.MaxName);
        decoder.End();
        return code;
    }

    private Digest? NodeOf(X509Certificate? remote) =>
        remote is X509Certificate2 shown ? nodeOf(TransportCertificate.PublicKeyOf(shown)) : null;

    private SslClientAuthenticationOptions ClientOptions(Digest peer) => new()
    {
        TargetHost = ServerName,
        EnabledSslProtocols = SslProtocols.Tls13,
        ClientCertificateContext = certificate.Context,
        CertificateChainPolicy = ChainPolicy(),
        AllowTlsResume = false,
        AllowRenegotiation = false,
        RemoteCertificateValidationCallback = (_, shown, _, _) => NodeOf(shown) == peer,
    };

    private SslServerAuthenticationOptions ServerOptions() => new()
    {
        EnabledSslProtocols = SslProtocols.Tls13,
        ServerCertificateContext = certificate.Context,
        ClientCertificateRequired = true,
        CertificateChainPolicy = ChainPolicy(),
        AllowTlsResume = false,
        AllowRenegotiation = false,
        RemoteCertificateValidationCallback = (_, shown, _, _) => NodeOf(shown) is not null,
    };

    // A stranger's certificate may name addresses to fetch issuers and revocation lists from: nothing is ever fetched.
    private static X509ChainPolicy ChainPolicy() => new()
    {
        TrustMode = X509ChainTrustMode.CustomRootTrust,
        RevocationMode = X509RevocationMode.NoCheck,
        DisableCertificateDownloads = true,
    };
}
