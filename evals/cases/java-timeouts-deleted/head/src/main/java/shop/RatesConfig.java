package shop;

import org.springframework.boot.web.client.RestTemplateBuilder;
import org.springframework.web.client.RestTemplate;

public class RatesConfig {
    public RestTemplate rates(RestTemplateBuilder builder) {
        return builder.build();
    }
}
